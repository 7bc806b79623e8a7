iovsim run tiny.yaml 2>&1 >/dev/null | sed "s/[0-9.]* [mun]*s, [0-9.]* [kMG]*events\/s, on .*/TIME, RATE, HOST/"
