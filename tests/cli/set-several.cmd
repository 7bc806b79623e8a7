iovsim run tiny.yaml -q --format csv --set duration=5ms --set "traffic[0].rate=20kpps" --set duration=1ms | cut -d, -f22
