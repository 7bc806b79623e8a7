iovsim schema | head -n 3
