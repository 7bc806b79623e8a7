#!/bin/sh
# Both programs must give the checked-in trace, the same times at every hop of every packet, and over 50 ms the same
# number of packets with the same time in each stage.
# usage: check.sh IOVSIM_VF SYSTEMC_VF
set -eu
here=$(dirname "$0")
iovsim=$1
systemc=$2
packets=300
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

expect() # NAME COMMAND...
{
    name=$1
    shift
    "$@" >"$work/$name"
    if diff "$here/trace.txt" "$work/$name" >"$work/diff"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s differs from trace.txt:\n' "$name"
        head -n 6 "$work/diff"
    fi
}

"$iovsim" "$here/vf.yaml" --parameters >"$work/parameters"
expect iovsim "$iovsim" "$here/vf.yaml" --trace $packets
expect systemc "$systemc" "$work/parameters" --trace $packets
expect systemc-computed "$systemc" "$work/parameters" --computed --trace $packets

# What a measured run says of its packets.
outcome() # COMMAND...
{
    "$@" | awk '$1 == "stages" { print } { for (i = 1; i < NF; i++) if ($i == "packets") print $(i + 1) }'
}

outcome "$iovsim" "$here/vf.yaml" duration=50ms >"$work/expected"
for mode in "" --computed; do
    # shellcheck disable=SC2086 # empty: no argument
    outcome "$systemc" "$work/parameters" $mode --milliseconds 50 >"$work/outcome"
    if cmp -s "$work/expected" "$work/outcome"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'stages over 50 ms differ (%s):\n' "${mode:-staged}"
        cat "$work/expected" "$work/outcome"
    fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
