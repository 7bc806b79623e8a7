iovsim run tiny.yaml --jobs 2 --out x --jobs 3
