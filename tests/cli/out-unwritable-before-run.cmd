# A run of 1000 simulated seconds would take hours: the place is tried first.
iovsim run tiny.yaml --set duration=1000s --set "traffic[0].rate=1Mpps" --out tiny.yaml/x.json
