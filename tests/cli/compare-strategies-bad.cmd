iovsim compare tiny.yaml --strategies virtio,nativ
iovsim compare swept.yaml --strategies virtoi
