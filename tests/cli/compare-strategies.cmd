iovsim compare tiny.yaml -q --strategies virtio,native | sed -n "4p" | tr -s " "
iovsim compare swept.yaml -q --strategies virtio | grep "=\|virtio" | tr -s " "
