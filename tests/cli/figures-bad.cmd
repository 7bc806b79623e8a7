iovsim figures swept.yaml bad.yaml -q --out all
echo "status $?"
ls
