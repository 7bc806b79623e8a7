iovsim explain tiny.yaml --config --jobs 2
