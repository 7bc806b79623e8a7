iovsim run tiny.yaml -q | tr -s " -" | sed "s/[0-9][0-9.]*/N/g"
