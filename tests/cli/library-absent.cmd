IOVSIM_LIBRARY=/nonexist iovsim list
IOVSIM_LIBRARY=tiny.yaml iovsim check tiny.yaml
