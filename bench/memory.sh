#!/usr/bin/env bash
# Peak memory of `vigil fetch` on one object of 20 M fills: a simulated day, its LZ4 frames one after the other.
#
#     bench/memory.sh                 20 M fills (some 7 GB of JSON, 2 GB of disk), two jobs
#     FILLS=5M JOBS=1 bench/memory.sh
#
# Exits with 1 when the peak reaches 512 MiB or rows are missing.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

fills=${FILLS:-20M}
jobs=${JOBS:-2}
vigil=${VIGIL:-build/vigil}
work=.cache/bench/memory

die() { echo "memory.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

"$vigil" simulate --fills "$fills" --traders 20k --seed 1 --output "$work/market" >"$work/log" 2>&1 || die "simulate failed: $(tail -n 3 "$work/log")"
rows=$(grep -o '"fills":[0-9]*' "$work/market/truth/market.json" | cut -d: -f2)
find "$work/market/node_fills_by_block" -name '*.lz4' | sort -V | xargs cat >"$work/day.lz4"
rm -rf "$work/market"

/usr/bin/time -f '%M %e %U %S' -o "$work/time" "$vigil" fetch "$work/day.lz4" --lake "$work/lake" --jobs "$jobs" >"$work/log" 2>&1 || die "fetch failed: $(tail -n 3 "$work/log")"
read -r kib wall user kernel <"$work/time"
landed=$("$vigil" sql 'SELECT count(*) FROM fills' --csv --lake "$work/lake" | tail -n 1)
awk -v kib="$kib" -v wall="$wall" -v user="$user" -v kernel="$kernel" -v rows="$landed" -v bytes="$(stat -c %s "$work/day.lz4")" 'BEGIN {
    printf "one object of %.0f MB, %d fills: peak memory %.0f MiB, %.1f s wall, %.1f s CPU, %.2f M fills/s\n",
           bytes / 1e6, rows, kib / 1024, wall, user + kernel, rows / wall / 1e6 }'
[ "$landed" = "$rows" ] || die "$landed rows landed of $rows"
[ "$kib" -lt $((512 * 1024)) ] || die "the peak is $((kib / 1024)) MiB: 512 MiB is the limit"
