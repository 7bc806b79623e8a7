iovsim --seed 4 run tiny.yaml
