iovsim run tiny.yaml -z
