iovsim run frobnicate
