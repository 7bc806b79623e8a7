iovsim explain tiny.yaml -q --set strategy=emulation | sed -n "/^What emulation costs/,\$p" | sed "s/   .*//"
