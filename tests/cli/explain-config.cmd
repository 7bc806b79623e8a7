iovsim explain tiny.yaml --config --set duration=2ms | grep "^duration\|^seed\|^strategy\|^name" | tr -s " "
