iovsim run tiny.yaml --seed many
