iovsim list | grep ":$"
