iovsim run tiny.yaml -q --format json --set strategy=virtio | grep -o "\"\(exits\|kicks\|accesses\|exit_table\|vcpus\|injections\)\":" | sort -u
