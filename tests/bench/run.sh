#!/bin/sh
# The benchmarks: contenders one after the other in each round, pinned to one processor, rates by CPU time (user and
# system); medians over the rounds, ratios within a round. A target that is missed is said so and fails nothing.
# usage: [ROUNDS=9] [PROCESSOR=n] run.sh BUILD_FOLDER [--quick]
set -eu
here=$(dirname "$0")
build=$1
rounds=${ROUNDS:-9}
scale=10
long=100
if [ "${2:-}" = --quick ]; then
    rounds=${ROUNDS:-3}
    scale=1
    long=10
fi
programs=$build/tests/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pinned=
if command -v taskset >/dev/null; then
    pinned="taskset -c ${PROCESSOR:-$(($(nproc) - 1))}"
fi

# Runs a contender, whose output ends with its rate, and notes that.
contender() # NAME COMMAND...
{
    name=$1
    shift
    # shellcheck disable=SC2086 # the prefix is split on purpose
    $pinned "$@" >"$work/output"
    awk -v name="$name" -v round="$round" 'END { print name, round, $NF }' "$work/output" >>"$work/rates"
}

hold() # PENDING EVENTS
{
    contender "hold$1" "$programs/bench_hold_c" "$1" "$(($2 * scale))"
    contender "hold$1.systemc" "$programs/bench_hold_systemc" "$1" "$(($2 * scale / 4))"
}

"$here/vf/check.sh" "$programs/vf/iovsim_vf" "$programs/vf/systemc_vf" >&2
"$programs/vf/iovsim_vf" "$here/vf/vf.yaml" --parameters >"$work/parameters"

round=1
while [ "$round" -le "$rounds" ]; do
    printf 'round %d of %d\n' "$round" "$rounds" >&2
    hold 16 500000
    hold 256 500000
    hold 4096 500000
    contender vf "$programs/vf/iovsim_vf" "$here/vf/vf.yaml" "duration=$((100 * scale))ms"
    contender vf.systemc "$programs/vf/systemc_vf" "$work/parameters" --milliseconds $((50 * scale))
    contender vf.computed "$programs/vf/systemc_vf" "$work/parameters" --computed --milliseconds $((50 * scale))
    [ ! -x "$programs/ns3/ns3_p2p_udp" ] || contender vf.ns3 "$programs/ns3/ns3_p2p_udp" $((20 * scale))
    round=$((round + 1))
done

awk -v rounds="$rounds" -f "$here/table.awk" "$work/rates"
"$here/memory.sh" "$build" "$long"
