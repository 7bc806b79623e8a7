#!/bin/sh
# Runs every ```sh block of README.md and docs/*.md; a block that is only to be read is ```console or ```text.
#
# A document's blocks run in order in one scratch folder that looks like a clone after `./dev build`: the
# sources and build/release/iovsim are links, what the blocks write stays there. Only `./dev` is replaced, for
# a test cannot run all tests: there it checks that the command exists. .ci/run runs `./dev demo` and
# `./dev test` themselves.
#
# usage: run.sh IOVSIM_PROGRAM
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
source=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

make_clone() # FOLDER
{
    mkdir -p "$1/build/release"
    for entry in "$source"/*; do
        case ${entry##*/} in
        build* | out* | dev) ;;
        *) ln -s "$entry" "$1/" ;;
        esac
    done
    ln -s "$program" "$1/build/release/iovsim"
    cat >"$1/dev" <<END
#!/bin/sh
[ -n "\${1:-}" ] && "$source/dev" help | grep -q "^  \$1 "
END
    chmod +x "$1/dev"
}

# Each block goes to FOLDER/<line>, <line> being that of its first command; prints these numbers.
extract() # DOCUMENT FOLDER
{
    awk -v folder="$2" '
    /^```sh$/ { out = folder "/" (FNR + 1); printf "" > out; print FNR + 1; next }
    /^```/ { if (out) close(out); out = ""; next }
    out { print > out }' "$1"
}

run_block() # DOCUMENT BLOCK CLONE
{
    if (cd "$3" && PATH="$3/build/release:$PATH" sh -eu "$2") </dev/null >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        printf '%s:%s: this block failed:\n' "${1#"$source/"}" "${2##*/}"
        cat "$2" "$scratch/log"
        failed=$((failed + 1))
    fi
}

for document in "$source/README.md" "$source"/docs/*.md; do
    [ -f "$document" ] || continue
    work=$scratch/$(basename "$document" .md)
    mkdir -p "$work/blocks"
    make_clone "$work/clone"
    for line in $(extract "$document" "$work/blocks"); do
        run_block "$document" "$work/blocks/$line" "$work/clone"
    done
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
