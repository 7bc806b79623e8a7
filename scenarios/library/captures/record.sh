#!/bin/sh
# Records transfer.pcap: a client in one network namespace and a server in another, joined by a veth pair with all
# offloads off, so that every frame is one that a wire would carry. The client makes small requests with small answers,
# fetches a large answer, and uploads a large body, all over TCP.
#
# Needs root (or a user namespace with CAP_NET_ADMIN and CAP_NET_RAW) and: iproute2, ethtool, tcpdump, python3.
# Only the first 96 bytes of each frame are kept; its length on the wire is in the capture all the same.
#
# usage: record.sh [OUTPUT]
set -eu

output=${1:-$(dirname "$0")/transfer.pcap}
client=iovsim-client-$$
server=iovsim-server-$$
work=$(mktemp -d)
dump=

cleanup()
{
    [ -z "$dump" ] || kill "$dump" 2>/dev/null || true
    ip netns del "$client" 2>/dev/null || true
    ip netns del "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

side() # NAMESPACE INTERFACE ADDRESS MAC
{
    ip -n "$1" addr add "$3/24" dev "$2"
    ip -n "$1" link set "$2" address "$4" mtu 1500 up
    ip -n "$1" link set lo up
    ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1" || true
    for offload in tso gso gro lro tx rx sg; do
        ip netns exec "$1" ethtool -K "$2" "$offload" off >/dev/null 2>&1 || true
    done
}

ip netns add "$client"
ip netns add "$server"
ip link add veth0 netns "$client" type veth peer name veth0 netns "$server"
side "$client" veth0 10.77.0.1 02:00:00:00:00:01
side "$server" veth0 10.77.0.2 02:00:00:00:00:02

cat >"$work/server.py" <<'END'
import socket
import struct

def exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        part = connection.recv(min(65536, count - len(data)))
        if not part:
            return None
        data += part
    return data

listener = socket.create_server(("10.77.0.2", 8080))
print("ready", flush=True)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        # A call is two lengths, what the client uploads and what it wants back, and then the upload.
        while header := exactly(connection, 8):
            upload, answer = struct.unpack("!II", header)
            exactly(connection, upload)
            connection.sendall(bytes(answer))
END

cat >"$work/client.py" <<'END'
import socket
import struct
import time

def connect():
    connection = socket.create_connection(("10.77.0.2", 8080))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection

def call(connection, upload, answer):
    connection.sendall(struct.pack("!II", upload, answer) + bytes(upload))
    while answer > 0:
        answer -= len(connection.recv(65536))

with connect() as connection:          # small calls, as fast as they return
    for _ in range(400):
        call(connection, 64, 200)
for _ in range(20):                    # short connections, paced
    with connect() as connection:
        call(connection, 300, 4000)
    time.sleep(0.01)
with connect() as connection:          # a download and an upload
    call(connection, 64, 1500000)
    time.sleep(0.05)
    call(connection, 1500000, 64)
with connect() as connection:          # calls in a rhythm
    for _ in range(50):
        call(connection, 64, 1000)
        time.sleep(0.005)
END

ip netns exec "$client" tcpdump -i veth0 -s 96 -B 16384 -U --immediate-mode --time-stamp-precision=nano \
    -w "$work/transfer.pcap" 2>"$work/log" &
dump=$!
ip netns exec "$server" python3 "$work/server.py" >"$work/ready" &
serving=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q listening "$work/log" && grep -q ready "$work/ready" && break
    sleep 0.2
done
ip netns exec "$client" python3 "$work/client.py"
sleep 0.5
kill -INT "$dump"
wait "$dump" || true
dump=
kill "$serving"
cat "$work/log" >&2
cp "$work/transfer.pcap" "$output"
