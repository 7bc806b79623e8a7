iovsim explain swept.yaml --config --out again.yaml
iovsim check again.yaml
iovsim run swept.yaml -q --format json >one.json
iovsim run again.yaml -q --format json >two.json
iovsim diff one.json two.json && echo "it runs the same"
