iovsim list strategies >/dev/full
