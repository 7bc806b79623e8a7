iovsim run tiny.yaml --out tiny.yaml/x
