for seed in 1 2; do
    iovsim run swept.yaml -q --set repeat=1 --seed $seed --format csv >$seed.csv
    iovsim run swept.yaml -q --set repeat=1 --seed $seed --format csv | cmp - $seed.csv && echo same
done
cmp -s 1.csv 2.csv || echo other
