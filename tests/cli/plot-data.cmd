iovsim plot swept.yaml -q --set repeat=1 --out figures >/dev/null
grep "^#" figures/latency.dat
grep -c "" figures/stages.dat
