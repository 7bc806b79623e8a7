#!/bin/sh
# The command line by exact output. A case is NAME.cmd, shell commands that are run in a fresh copy of files/, with
# iovsim in the PATH, and what they must give: NAME.stdout, NAME.stderr (none: nothing) and NAME.status (none: 0).
# Two cases run at a time. --update writes what the program gives now; look at the difference before believing it.
# usage: run.sh [--update] IOVSIM_PROGRAM [NAME...]
set -eu
update=false
if [ "$1" = --update ]; then
    update=true
    shift
fi
program=$(cd "$(dirname "$1")" && pwd)/${1##*/}
shift
cases=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/got" "$scratch/wanted" "$scratch/work"
ln -s "$program" "$scratch/bin/iovsim"
IOVSIM_LIBRARY=$(cd "$cases/../../scenarios/library" && pwd)
PATH=$scratch/bin:$PATH
LC_ALL=C
export IOVSIM_LIBRARY PATH LC_ALL

# Few processes: under a sanitizer on a slow machine those of this script, case by case, took longer than the program's.
run_case() # NAME
{
    status=0
    cp -r "$cases/files" "$scratch/work/$1"
    (cd "$scratch/work/$1" && exec sh "$cases/$1.cmd") >"$scratch/got/$1.stdout" 2>"$scratch/got/$1.stderr" \
        </dev/null || status=$?
    [ "$status" -eq 0 ] || echo "$status" >"$scratch/got/$1.status"
}

# Runs every second of the cases, from the first or the second on.
run_half() # 0|1 NAME...
{
    turn=$1
    shift
    for name in "$@"; do
        [ "$turn" -ne 0 ] || run_case "$name"
        turn=$((1 - turn))
    done
}

[ $# -gt 0 ] || set -- "$cases"/*.cmd
names=
for path in "$@"; do
    name=${path##*/}
    name=${name%.cmd}
    [ -f "$cases/$name.cmd" ] || {
        printf 'no such case: %s\n' "$name" >&2
        exit 2
    }
    names="$names $name"
done
# shellcheck disable=SC2086 # names are words
set -- $names
run_half 0 "$@" &
other=$!
run_half 1 "$@"
wait "$other"
find "$scratch/got" -size 0 -delete
if $update; then
    for name in "$@"; do
        rm -f "$cases/$name.stdout" "$cases/$name.stderr" "$cases/$name.status"
    done
    cp -r "$scratch/got/." "$cases"
fi
failed=0
count=$#
for name in "$@"; do
    for part in stdout stderr status; do
        [ ! -f "$cases/$name.$part" ] || set -- "$@" "$cases/$name.$part"
    done
done
shift "$count"
[ $# -eq 0 ] || cp "$@" "$scratch/wanted"
if ! diff -ruN "$scratch/wanted" "$scratch/got" >"$scratch/differences"; then
    cat "$scratch/differences"
    wrong=$(sed -n 's|^diff .*/got/\(.*\)\.[a-z]*$|\1|p' "$scratch/differences" | sort -u)
    for name in $wrong; do
        printf 'failed: %s\n' "$name"
        failed=$((failed + 1))
    done
fi
passed=$((count - failed))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
