iovsim run swept.yaml -q --format json >decoupled.json
iovsim run swept.yaml -q --format json --lockstep >lockstep.json
cmp decoupled.json lockstep.json && echo same
