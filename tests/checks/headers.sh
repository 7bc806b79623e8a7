#!/bin/sh
# Every header compiles alone, with gcc and with clang.
# usage: headers.sh [SOURCE_FOLDER]
set -eu
cd "${1:-.}"

compile_alone() # COMPILER LANGUAGE STANDARD HEADER
{
    printf '#include "%s"\n' "$4" |
        "$1" -x "$2" "-std=$3" -Wall -Wextra -Werror -fsyntax-only -I. - || {
        printf '%s: does not compile alone with %s\n' "$4" "$1"
        return 1
    }
}

headers=$(find sim models scenarios analysis tests -name '*.h' | LC_ALL=C sort)
count=0
failed=0
for header in $headers; do
    count=$((count + 1))
    compile_alone gcc c gnu17 "$header" || failed=$((failed + 1))
    compile_alone clang c gnu17 "$header" || failed=$((failed + 1))
done
printf 'headers: %d compiled alone with gcc and clang, %d failures\n' "$count" "$failed"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
