#!/bin/sh
# Files of at most 500 lines, functions (brace blocks at column 0) of at most 60; prints the statistics.
# usage: size.sh [SOURCE_FOLDER]
set -eu
cd "${1:-.}"

max_file=500
max_function=60

find sim models scenarios analysis tests -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' | LC_ALL=C sort |
    xargs awk -v max_file=$max_file -v max_function=$max_function '
function complain(file, line, what)
{
    printf "%s:%d: %s\n", file, line, what | "cat 1>&2"
    bad++
}

function end_file()
{
    if (lines > max_file)
        complain(file, lines, lines " lines, at most " max_file)
}

FNR == 1 {
    end_file()
    file = FILENAME
    start = 0
}

{ lines = FNR }

# In the C++ of the benchmarks a class is such a block, too.
/^\{/ && FILENAME !~ /^tests\/bench\/.*pp$/ { start = FNR }

/^\}/ && start {
    size = FNR - start + 1
    print size
    if (size > max_function)
        complain(FILENAME, start, "a function of " size " lines, at most " max_function)
    start = 0
}

END {
    end_file()
    print "bad", bad + 0
}' | sort -n | awk '
$1 == "bad" { bad = $2; next }
{ size[++n] = $1 }
END {
    if (n == 0) {
        print "size: no functions found"
        exit 1
    }
    printf "size: %d functions, median %d lines, 90th percentile %d, longest %d; %d over the limits\n",
           n, size[int((n + 1) / 2)], size[int((n * 9 + 9) / 10)], size[n], bad
    exit bad > 0
}'
