#!/usr/bin/env bash
# `vigil backfill` from an S3 server beside it against `vigil fetch` of the same files on disk: what the network
# layer costs. The server (static_s3.py) hands out files
# by sendfile, so that it costs next to nothing.
#
#     bench/s3.sh                       a simulated day of 5 M fills, 3 rounds
#     FILLS=1M ROUNDS=5 bench/s3.sh
#
# In turns, each alone. Wall time counts: it is what waiting for bytes would cost.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

fills=${FILLS:-5M}
rounds=${ROUNDS:-3}
vigil=$PWD/${VIGIL:-build/vigil}
work=$PWD/.cache/bench/s3

die() { echo "s3.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
rm -rf "$work"
mkdir -p "$work"
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

"$vigil" simulate --fills "$fills" --traders 20k --seed 7 --output "$work/market" >"$work/log" 2>&1 ||
    die "simulate failed: $(tail -n 3 "$work/log")"
bytes=$(find "$work/market" -name '*.lz4' -printf '%s\n' | awk '{ n += $1 } END { print n }')

/usr/bin/python3 -B bench/static_s3.py "$work/market" >"$work/port" &
server=$!
for _ in $(seq 100); do
    [ -s "$work/port" ] && break
    sleep 0.1
done
port=$(cat "$work/port")
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench no_proxy='*'

# measure NAME COMMAND…: appends "wall cpu" to NAME.times
measure() {
    local name=$1
    shift
    /usr/bin/time -f '%e %U %S' -o "$work/time" "$@" >"$work/log" 2>&1 || die "$name failed: $(tail -n 3 "$work/log")"
    awk '{ print $1, $2 + $3 }' "$work/time" >>"$work/$name.times"
}

for ((round = 0; round < rounds; round++)); do
    rm -rf "$work/disk" "$work/s3"
    sync
    measure disk "$vigil" fetch "$work/market" --lake "$work/disk"
    sync
    measure s3 "$vigil" fetch s3://market/node_fills_by_block/hourly --lake "$work/s3"
done
diff -r "$work/disk/fills" "$work/s3/fills" || die "the lakes differ"

best() { sort -n "$work/$1.times" | head -n 1; }
read -r disk_wall disk_cpu <<<"$(best disk)"
read -r s3_wall s3_cpu <<<"$(best s3)"
awk -v dw="$disk_wall" -v dc="$disk_cpu" -v sw="$s3_wall" -v sc="$s3_cpu" -v bytes="$bytes" 'BEGIN {
    printf "files on disk: %.2f s wall, %.2f CPU s\n", dw, dc
    printf "S3 server beside it: %.2f s wall, %.2f CPU s; %.0f %% of the speed of disk; %.2f Gbit/s of compressed input\n",
           sw, sc, dw / sw * 100, bytes * 8 / sw / 1e9 }'
