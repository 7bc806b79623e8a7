iovsim
