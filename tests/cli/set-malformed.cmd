iovsim run tiny.yaml --set duration
