for words in "schema --jobs 3" "list --seed 1" "diff a b --lockstep" "check tiny.yaml --out x" "reference --format json" "plot tiny.yaml --vcd x"; do
    # shellcheck disable=SC2086 # the words are several
    iovsim $words
done
