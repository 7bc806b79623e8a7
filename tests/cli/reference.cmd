iovsim reference | head -n 1
