#!/bin/sh
# Each folder uses only those to its left, by root-relative includes, and each library only where it belongs.
# usage: layering.sh [SOURCE_FOLDER]
set -eu
cd "${1:-.}"

# shellcheck disable=SC2016 # the program is for awk
find sim models scenarios analysis tests -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' | LC_ALL=C sort |
    xargs awk '
BEGIN {
    n = split("sim models scenarios analysis tests", rooms, " ")
    for (i = 1; i <= n; i++)
        rank[rooms[i]] = i
}

function complain(what)
{
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad++
}

FNR == 1 {
    files++
    split(FILENAME, part, "/")
    room = part[1]
    if (FILENAME ~ /\.(cpp|hpp)$/ && FILENAME !~ /^(sim\/systemc|tests\/bench)\//)
        complain("C++ outside of sim/systemc and tests/bench")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    target = quoted[2]
    split(target, part, "/")
    if (!(part[1] in rank) || (getline line < target) < 0)
        complain("\"" target "\" is not a path from the root of the repository")
    else if (rank[part[1]] > rank[room])
        complain(room "/ may not use " part[1] "/ (\"" target "\")")
    close(target)
}

/^[ \t]*#[ \t]*include[ \t]*<(systemc|tlm)/ {
    if (FILENAME !~ /^(sim\/systemc\/[^\/]*\.cpp$|tests\/bench\/)/)
        complain("SystemC outside of sim/systemc/*.cpp")
}

/^[ \t]*#[ \t]*include[ \t]*<yaml\.h>/ {
    if (room != "scenarios" && room != "tests")
        complain("YAML outside of scenarios/")
}

END {
    printf "layering: %d files, %d violations\n", files, bad
    exit bad > 0 || files == 0
}'
