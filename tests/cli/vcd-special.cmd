iovsim run tiny.yaml --vcd .
