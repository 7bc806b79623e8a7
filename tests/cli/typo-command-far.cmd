iovsim frobnicate
