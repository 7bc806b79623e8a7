#!/bin/sh
# Installs a build into a temporary prefix, then builds and runs a program against it, found by find_package
# and by pkg-config; the installed iovsim must find its library of scenarios.
# usage: run.sh BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

cmake --install "$build" --prefix "$prefix" >"$scratch/install.log" || {
    cat "$scratch/install.log"
    exit 1
}

echo "by find_package:"
{
    cmake -S "$source" -B "$scratch/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
    cmake --build "$scratch/build"
} >"$scratch/cmake.log" 2>&1 || {
    cat "$scratch/cmake.log"
    exit 1
}
"$scratch/build/consumer"

echo "by pkg-config:"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name iovsim.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are split on purpose
cc -Wall -Wextra -Werror "$source/consumer.c" -o "$scratch/consumer" $(pkg-config --cflags --libs iovsim)
"$scratch/consumer"
