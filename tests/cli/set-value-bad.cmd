iovsim run tiny.yaml --set duration=10
