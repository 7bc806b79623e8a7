iovsim run mixed.yaml -q | tr -s " " | cut -d " " -f 1-3
