iovsim model tiny.yaml --format json
