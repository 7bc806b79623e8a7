iovsim check tiny.yaml bad.yaml swept.yaml
