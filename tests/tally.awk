# Counts the test cases in a ctest log (Testing/Temporary/LastTest.log) and ends with "N passed, N failed".
#
# A program of Criterion counts by its synthesis line, a script that ends with "N passed, N failed" by that
# line, anything else as one test. A test that ctest failed although no case did (a leak, a time-out, a bad
# exit status) is one failure more. Exit status 1 if something failed or nothing ran.

function number_after(label)
{
    match($0, label ": [0-9]+")
    return substr($0, RSTART + length(label) + 2, RLENGTH - length(label) - 2) + 0
}

{ gsub(/\033\[[0-9;]*m/, "") }

/^[0-9]+\/[0-9]+ Testing: / {
    name = $3
    good = bad = counted = ok = 0
}

/Synthesis: Tested: / {
    good = number_after("Passing")
    bad = number_after("Tested") - good
    counted = 1
}

/^[0-9]+ passed, [0-9]+ failed$/ {
    good = $1
    bad = $3
    counted = 1
}

/^Test Passed\.$/ { ok = 1 }

index($0, "\"" name "\" end time: ") == 1 {
    programs++
    if (ok && !counted)
        good = 1
    if (!ok && !bad)
        bad = 1
    if (bad)
        print "failed: " name
    passed += good
    failed += bad
}

END {
    printf "%d test programs and scripts\n", programs
    printf "%d passed, %d failed\n", passed, failed
    exit (failed > 0 || passed == 0)
}
