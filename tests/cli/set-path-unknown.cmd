iovsim run tiny.yaml --set host.colour=red
