iovsim list --format csv
