# The results file must not get what belongs to stdout.
iovsim run tiny.yaml -q --set duration=1ms --out x >&-; echo "status $?"
head -n 1 x/results.csv | cut -c 1-15
