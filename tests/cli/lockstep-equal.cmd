iovsim run swept.yaml -q --set repeat=1 --format json >decoupled.json
iovsim run swept.yaml -q --set repeat=1 --format json --lockstep >lockstep.json
cmp decoupled.json lockstep.json && echo same
