# A sweep that is stopped leaves nothing half-written, and no worker.
iovsim run tiny.yaml -q --jobs 1 --set duration=900s --out x.json &
while [ -z "$(ls x.json.* 2>/dev/null)" ]; do sleep 0.05; done
kill -TERM $!
wait $! 2>/dev/null; echo "status $?"
ls x.json*
