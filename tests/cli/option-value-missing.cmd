iovsim run tiny.yaml --seed
