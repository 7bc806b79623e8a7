iovsim run tiny.yaml -q --vcd waves.vcd >/dev/null
ls
head -n 3 waves.vcd
