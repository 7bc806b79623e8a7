iovsim run tiny.yaml --format csv --out x.json; ls x.json
