#!/bin/sh
# Peak memory: 1 s and 100 s of traffic at 100 kpps within 1 MB of each other, a run of one VM under 64 MB.
# usage: memory.sh BUILD_FOLDER [LONG_SECONDS]
set -eu
here=$(dirname "$0")
program=$1/tests/bench/vf/iovsim_vf
long=${2:-100}

# The peak of a run of $1 seconds in KiB.
peak()
{
    "$program" "$here/vf/vf.yaml" "duration=${1}s" "traffic[0].rate=100kpps" "traffic[0].window=0" |
        awk '{ for (i = 1; i < NF; i++) if ($i == "rss_kb") print $(i + 1) }'
}

one=$(peak 1)
many=$(peak "$long")
awk -v one="$one" -v many="$many" -v long="$long" '
function verdict(met)
{
    return met ? "met" : "missed"
}

BEGIN {
    growth = many > one ? many - one : one - many
    printf "memory: peak of 1 s at 100 kpps %.2f MB, of %d s %.2f MB: %.2f MB apart, at most 1 MB: %s\n",
           one / 1024, long, many / 1024, growth / 1024, verdict(growth <= 1024)
    printf "memory: peak of a run of one VM %.2f MB, under 64 MB: %s\n", many / 1024, verdict(many < 64 * 1024)
}'
