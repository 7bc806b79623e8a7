iovsim run
