iovsim sweep swept.yaml -q --jobs 1 --out one >one.txt
iovsim sweep swept.yaml -q --jobs 2 --out two >two.txt
cmp one.txt two.txt
for file in results.json results.csv table.txt latency.dat latency.gp latency.svg stages.svg; do
    cmp one/$file two/$file && echo "$file is the same"
done
iovsim sweep swept.yaml -q --jobs 1 --out one.sqlite --set repeat=1
iovsim sweep swept.yaml -q --jobs 2 --out two.sqlite --set repeat=1
cmp one.sqlite two.sqlite && echo "the database is the same"
