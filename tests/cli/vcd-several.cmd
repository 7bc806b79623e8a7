iovsim run swept.yaml --vcd waves.vcd
