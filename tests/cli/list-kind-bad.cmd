iovsim list strategy
