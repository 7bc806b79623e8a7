iovsim run tiny.yaml -q --format csv | cut -d, -f1-6,22-25
