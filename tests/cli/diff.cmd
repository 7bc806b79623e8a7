iovsim run tiny.yaml -q --out one.json
iovsim run tiny.yaml -q --out two.json --set "traffic[0].rate=20kpps"
iovsim diff one.json one.json && echo equal
iovsim diff one.json two.json | grep "packets.offered" | head -n 1 | tr -s " "
iovsim diff one.json tiny.yaml
printf "{}" >empty.json
iovsim diff one.json empty.json
