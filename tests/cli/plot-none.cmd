iovsim plot tiny.yaml
