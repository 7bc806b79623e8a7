iovsim compare mixed.yaml -q --set "compare=[native, virtio]" --set duration=1ms | tail -n 5 | cut -c 1-46
