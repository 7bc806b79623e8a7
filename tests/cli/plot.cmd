iovsim plot swept.yaml -q --set repeat=1 --out figures
ls -A figures
grep -c "<svg" figures/latency.svg
