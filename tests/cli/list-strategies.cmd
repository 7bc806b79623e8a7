iovsim list strategies
