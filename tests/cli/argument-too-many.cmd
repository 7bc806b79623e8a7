iovsim run tiny.yaml swept.yaml
