iovsim run tiny.yaml --out nowhere/x.json
iovsim run tiny.yaml --out nowhere/x.csv
iovsim run tiny.yaml --out nowhere/x.sqlite
iovsim explain tiny.yaml --out nowhere/x.txt
iovsim schema --out nowhere/x.json
