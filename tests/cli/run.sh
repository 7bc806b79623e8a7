#!/bin/sh
# The command line by exact output. A case is NAME.cmd, shell commands that are run in a fresh copy of files/, with
# iovsim in the PATH, and what they must give: NAME.stdout, NAME.stderr (none: nothing) and NAME.status (none: 0).
# --update writes what the program gives now; look at the difference before believing it.
# usage: run.sh [--update] IOVSIM_PROGRAM [NAME...]
set -eu
update=false
if [ "$1" = --update ]; then
    update=true
    shift
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
cases=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$program" "$scratch/bin/iovsim"
IOVSIM_LIBRARY=$(cd "$cases/../../scenarios/library" && pwd)
PATH=$scratch/bin:$PATH
LC_ALL=C
export IOVSIM_LIBRARY PATH LC_ALL
passed=0
failed=0

run_case() # NAME
{
    rm -rf "$scratch/work" "$scratch/got"
    mkdir "$scratch/got"
    cp -r "$cases/files" "$scratch/work"
    status=0
    (cd "$scratch/work" && sh "$cases/$1.cmd") >"$scratch/got/stdout" 2>"$scratch/got/stderr" </dev/null || status=$?
    printf '%d\n' "$status" >"$scratch/got/status"
    [ "$status" -ne 0 ] || rm "$scratch/got/status"
    for part in stdout stderr; do
        [ -s "$scratch/got/$part" ] || rm "$scratch/got/$part"
    done
}

keep_case() # NAME
{
    for part in stdout stderr status; do
        rm -f "$cases/$1.$part"
        [ ! -f "$scratch/got/$part" ] || cp "$scratch/got/$part" "$cases/$1.$part"
    done
}

same_case() # NAME
{
    same=true
    for part in stdout stderr status; do
        wanted=$cases/$1.$part
        [ -f "$wanted" ] || wanted=/dev/null
        got=$scratch/got/$part
        [ -f "$got" ] || got=/dev/null
        diff -u "$wanted" "$got" || same=false
    done
    $same
}

[ $# -gt 0 ] || set -- "$cases"/*.cmd
for path in "$@"; do
    name=$(basename "$path" .cmd)
    run_case "$name"
    if $update; then
        keep_case "$name"
    fi
    if same_case "$name"; then
        passed=$((passed + 1))
    else
        printf 'failed: %s\n' "$name"
        failed=$((failed + 1))
    fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
