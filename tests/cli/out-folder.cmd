iovsim run swept.yaml -q --set repeat=1 --out deep/er | head -n 1
ls -A deep/er
