iovsim plot swept.yaml -q --out figures >/dev/null
grep "^#" figures/latency.dat
grep -c "" figures/stages.dat
