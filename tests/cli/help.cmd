iovsim --help
