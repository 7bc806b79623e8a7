iovsim run tiny.yaml --out ""
