iovsim run tiny.yaml --jobs 0
iovsim run tiny.yaml --jobs 65
iovsim run tiny.yaml --jobs two
