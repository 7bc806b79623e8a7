iovsim run missed.yaml -q | sed "1,/^Expectations/d"
iovsim run missed.yaml -q >/dev/null
