iovsim run caused.yaml -q --causes | sed "1,/^Expectations/d"
iovsim run caused.yaml -q --causes >/dev/null
