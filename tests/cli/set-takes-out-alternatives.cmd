# What the command line sets to something else would be wrong under the alternative's name.
for set in strategy=virtio strategy=native strategy=emulation "vms[0].virtio.layout=split" "vms[0].virtio={layout: packed, queue_size: 32}" "vms[0].virtio.queue_size=64"; do
    echo "$set"
    iovsim run alternatives.yaml -q --format csv --set "$set" | cut -d , -f 3,5 | sed 1d
done
