iovsim run tiny.yaml -q --format json | grep -o "\"[a-z_0-9]*\":" | sort -u
