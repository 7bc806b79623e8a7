iovsim run tiny.yaml -q --out one.json
iovsim run tiny.yaml -q --out two.json --set "traffic[0].rate=20kpps"
iovsim diff one.json two.json >/dev/null
