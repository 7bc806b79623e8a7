iovsim compare mixed.yaml -q
iovsim run mixed.yaml -q --strategies native,virtio
