iovsim run tiny.yaml --quiet=yes
