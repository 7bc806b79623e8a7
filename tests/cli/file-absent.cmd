iovsim run frobnicate.yaml
