iovsim compair tiny.yaml
