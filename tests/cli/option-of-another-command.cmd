iovsim check tiny.yaml --config
