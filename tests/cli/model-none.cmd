iovsim model tiny.yaml -q
