iovsim compare --help
