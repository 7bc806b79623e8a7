iovsim run tiny.yaml -q --out a.json && iovsim run tiny.yaml -q --out a.csv && iovsim run tiny.yaml -q --out a.db
ls
iovsim run tiny.yaml -q --format json | cmp - a.json
iovsim run tiny.yaml -q --format csv | cmp - a.csv
