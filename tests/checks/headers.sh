#!/bin/sh
# Every header compiles alone, with gcc and with clang.
# usage: headers.sh [SOURCE_FOLDER]
set -eu
cd "${1:-.}"

compile_alone() # COMPILER HEADER
{
    printf '#include "%s"\n' "$2" | "$1" -x c -std=gnu17 -Wall -Wextra -Werror -fsyntax-only -I. - || {
        printf '%s: does not compile alone with %s\n' "$2" "$1"
        return 1
    }
}

compile_all() # COMPILER
{
    status=0
    for header in $headers; do
        compile_alone "$1" "$header" || status=1
    done
    return $status
}

headers=$(find sim models scenarios analysis tests -name '*.h' | LC_ALL=C sort)
count=$(printf '%s' "$headers" | grep -c .)
compile_all gcc &
failed=false
compile_all clang || failed=true
wait $! || failed=true
printf 'headers: %d compiled alone with gcc and clang\n' "$count"
[ "$count" -gt 0 ] && ! $failed
