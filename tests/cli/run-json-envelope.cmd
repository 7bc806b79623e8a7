iovsim run swept.yaml -q --format json --strategies native --set repeat=1 | sed -n "1,5p"
iovsim run missed.yaml -q --format json | sed -n "/\"expectations\"/,\$p"
