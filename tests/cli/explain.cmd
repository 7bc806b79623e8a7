iovsim explain tiny.yaml -q --set strategy=virtio | grep -o "^Journey, [a-z]*\|^Cycles a packet\|^Analyze events for .*\|^ *VM-EXIT .*\|^Bottleneck: " | tr -s " "
