iovsim run tiny.yaml --vcd nowhere/waves.vcd
