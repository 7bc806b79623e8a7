#!/bin/sh
# Checks every complete scenario in the documentation: each yaml block that begins with `schema_version`.
# usage: docs/examples.sh IOVSIM_PROGRAM
set -eu
program=$1
folder=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

awk -v folder="$scratch" '
/^```yaml$/ { block = 1; next }
/^```/ { if (out) close(out); block = 0; out = ""; next }
block == 1 && /^schema_version/ {
    name = FILENAME
    gsub(/.*\//, "", name)
    out = folder "/" name "-" FNR ".yaml"
}
block { block = 2 }
out { print > out }' "$folder"/*.md "$folder"/models/*.md

count=0
for example in "$scratch"/*.yaml; do
    "$program" check "$example" || exit 1
    count=$((count + 1))
done
printf '%d examples are right\n' "$count"
