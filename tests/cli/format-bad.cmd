iovsim run tiny.yaml --format yaml
