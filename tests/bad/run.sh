#!/bin/sh
# Wrong scenarios and captures: the exact message on stderr, nothing on stdout, status 2, in a second of CPU.
# Cases are NAME.expected, here and in models/ for NAME.yaml, in captures/ for the capture NAME (put into
# captures/replay.yaml). --update writes the messages that the program gives now.
# usage: run.sh [--update] IOVSIM_PROGRAM
set -eu
update=false
if [ "$1" = --update ]; then
    update=true
    shift
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")"
IOVSIM_LIBRARY=$(cd ../../scenarios/library && pwd)
LC_ALL=C
export IOVSIM_LIBRARY LC_ALL
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

fail() # NAME WHAT
{
    printf '%s: %s\n' "$1" "$2"
    failed=$((failed + 1))
}

# Runs `iovsim check ARGUMENT...` and holds it against EXPECTED.
check() # EXPECTED ARGUMENT...
{
    expected=$1
    shift
    status=0
    # shellcheck disable=SC3045 # dash has it
    (ulimit -t 1 && exec "$program" check "$@") >"$scratch/out" 2>"$scratch/err" || status=$?
    if $update; then
        cp "$scratch/err" "$expected"
    fi
    if [ "$status" -ne 2 ]; then
        fail "$expected" "status $status, wanted 2"
    elif [ -s "$scratch/out" ]; then
        fail "$expected" "something on stdout"
    elif ! diff -u "$expected" "$scratch/err"; then
        fail "$expected" "another message"
    else
        passed=$((passed + 1))
    fi
}

for expected in *.expected models/*.expected; do
    check "$expected" "${expected%.expected}.yaml"
done
for expected in captures/*.expected; do
    check "$expected" captures/replay.yaml --set "traffic[0].arrival.file=${expected%.expected}"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
