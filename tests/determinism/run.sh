#!/usr/bin/env bash
# Results are equal to the byte whatever the number of workers, whether the kernel runs decoupled or in lock-step, with
# and without FMA in the C library, and from run to run. With a second program, another compiler's build of the same
# sources, only the results of the two are compared.
# usage: run.sh IOVSIM_PROGRAM [OTHER_IOVSIM_PROGRAM]
set -euo pipefail
program=$(realpath "$1")
other=${2:+$(realpath "$2")}
here=$(cd "$(dirname "$0")" && pwd)
IOVSIM_LIBRARY=$(cd "$here/../../scenarios/library" && pwd)
export IOVSIM_LIBRARY
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# Names for every glibc: those with _Usable are of 2.32 and before. Without FMA nothing is left to turn off.
no_fma="glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX2,-FMA,-FMA4"

# results FOLDER PROGRAM [option...]: all kinds of output, of one run
results() {
    local folder=$scratch/$1 name
    shift
    local binary=$1
    shift
    mkdir -p "$folder"
    for scenario in "$here"/*.yaml; do
        name=$(basename "$scenario" .yaml)
        "$binary" run "$scenario" -q --out "$folder/$name" "$@" >"$folder/$name.txt"
        # What is of the machine: its name and times, and bitmaps, which its gnuplot draws from the same data.
        rm -f "$folder/$name/run-info.json" "$folder/$name"/*.png
    done
}

# same NAME WHAT: the outputs are those of the reference
same() {
    if diff -r -q "$scratch/reference" "$scratch/$1" >"$scratch/difference"; then
        passed=$((passed + 1))
        return
    fi
    echo "$2: not the same"
    sed "s|$scratch/||g" "$scratch/difference"
    failed=$((failed + 1))
}

results reference "$program" --jobs 1
files=$(find "$scratch/reference" -type f -size +0 | wc -l)
points=$(grep -c '"fingerprint"' "$scratch/reference/strategies/results.json" || true)
if [[ $files -lt 6 || $points -lt 16 ]]; then
    echo "the reference is incomplete: $files files, $points points"
    failed=$((failed + 1))
else
    passed=$((passed + 1))
fi

if [[ -n $other ]]; then
    results other "$other" --jobs 2
    same other "the other program"
else
    results again "$program" --jobs 1
    same again "a second run"
    results jobs "$program" --jobs 2
    same jobs "two workers"
    results lockstep "$program" --jobs 2 --lockstep
    same lockstep "lock-step"
    GLIBC_TUNABLES=$no_fma results fma "$program" --jobs 2
    same fma "without FMA"
fi

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
