iovsim compare tiny.yaml -q | sed -n "4p" | tr -s " "
iovsim compare tiny.yaml -q --set duration=1ms | cut -c1-20
