iovsim figures swept.yaml tiny.yaml -q --out all | grep -c "^Look at"
ls -A all all/swept all/tiny
cat all/index.md
