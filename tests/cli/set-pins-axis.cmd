iovsim run swept.yaml -q --set "traffic[0].rate=5kpps" --format csv | cut -d, -f3 | uniq -c | tr -s " "
