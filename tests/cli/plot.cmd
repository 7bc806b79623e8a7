iovsim plot swept.yaml -q --out figures
ls -A figures
grep -c "<svg" figures/latency.svg
