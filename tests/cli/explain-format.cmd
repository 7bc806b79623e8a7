iovsim explain tiny.yaml --format json
