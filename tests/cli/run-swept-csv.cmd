iovsim run swept.yaml -q --format csv | cut -d, -f1-8 | sed "s/\"[^\"]*\"/POINT/"
