iovsim check -q tiny.yaml
