iovsim sweep swept.yaml -q --jobs 1 --out one >one.txt
iovsim sweep swept.yaml -q --jobs 2 --out two >two.txt
cmp one.txt two.txt
for file in results.json results.csv table.txt latency.dat latency.gp latency.svg stages.svg; do
    cmp one/$file two/$file && echo "$file is the same"
done
iovsim sweep swept.yaml -q --jobs 1 --out one.sqlite
iovsim sweep swept.yaml -q --jobs 2 --out two.sqlite
cmp one.sqlite two.sqlite && echo "the database is the same"
