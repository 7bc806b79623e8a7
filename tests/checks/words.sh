#!/bin/sh
# No marks of unfinished work. The patterns are spelled so that this file does not match itself.
# usage: words.sh [SOURCE_FOLDER]
set -eu
cd "${1:-.}"

marks='T[O]DO|F[I]XME|X[X]X|H[A]CK|T[B]D'
phrases='for n[o]w|not impl[e]mented|unimpl[e]mented|placeh[o]lder|c[o]ming soon'

folders="sim models scenarios analysis tests cmake docs .ci"
files="CMakeLists.txt CMakePresets.json dev"
[ ! -f README.md ] || files="$files README.md"

# shellcheck disable=SC2086 # the lists are split on purpose
found=$(grep -rnIwE "$marks" $folders $files || true
    grep -rnIwiE "$phrases" $folders $files || true)
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    exit 1
fi
printf 'words: no marks of unfinished work\n'
