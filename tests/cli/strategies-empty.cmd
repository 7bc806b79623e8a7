for list in "" , virtio, ,native native,,virtio; do
    iovsim run tiny.yaml --strategies "$list"
done
