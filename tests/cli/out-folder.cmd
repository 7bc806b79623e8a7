iovsim run swept.yaml -q --out deep/er | head -n 1
ls -A deep/er
