iovsim list strategies --format json
