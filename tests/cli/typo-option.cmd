iovsim run tiny.yaml --sed 4
