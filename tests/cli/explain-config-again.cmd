iovsim explain swept.yaml --config --out again.yaml
iovsim check again.yaml
iovsim run swept.yaml -q --set repeat=1 --format json >one.json
iovsim run again.yaml -q --set repeat=1 --format json >two.json
iovsim diff one.json two.json && echo "it runs the same"
# A default that has no effect beside what was set is a comment, so that it is no contradiction.
iovsim explain tiny.yaml --config --set host.hypervisor.apicv=false --out idle.yaml
iovsim check idle.yaml
grep -o "# posted_interrupts: true" idle.yaml
