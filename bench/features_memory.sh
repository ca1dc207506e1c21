#!/usr/bin/env bash
# Peak memory of `vigil features` with very many traders, most of whom hardly trade.
#
#     bench/features_memory.sh                    8 M fills, a million people (a quarter of them trades)
#     FILLS=1M TRADERS=100k bench/features_memory.sh
#
# Exits with 1 when the peak reaches 4 GiB or rows are missing.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

fills=${FILLS:-8M}
traders=${TRADERS:-1M}
vigil=${VIGIL:-build/vigil}
work=.cache/bench/features_memory

die() { echo "features_memory.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

"$vigil" simulate --fills "$fills" --traders "$traders" --seed 3 --output "$work/market" >"$work/log" 2>&1 || die "simulate failed: $(tail -n 3 "$work/log")"
"$vigil" fetch "$work/market" --lake "$work/lake" >"$work/log" 2>&1 || die "fetch failed: $(tail -n 3 "$work/log")"
rm -rf "$work/market"
/usr/bin/time -f '%M %e %U %S' -o "$work/time" "$vigil" features --lake "$work/lake" >"$work/log" 2>&1 || die "features failed: $(tail -n 3 "$work/log")"
read -r kib wall user kernel <"$work/time"
count() { "$vigil" sql "$1" --csv --lake "$work/lake" | tail -n 1; }
rows=$(count 'SELECT count(*) FROM fills')
people=$(count 'SELECT count(*) FROM traders')
awk -v kib="$kib" -v wall="$wall" -v user="$user" -v kernel="$kernel" -v rows="$rows" -v people="$people" 'BEGIN {
    printf "%d fills of %d traders: peak memory %.0f MiB, %.1f KiB a trader, %.1f s wall, %.1f s CPU\n",
           rows, people, kib / 1024, kib / people, wall, user + kernel }'
[ "$(count 'SELECT sum(fill_count) FROM traders')" = "$rows" ] || die "not all fills are in the figures"
[ "$kib" -lt $((4 * 1024 * 1024)) ] || die "the peak is $((kib / 1024)) MiB: 4 GiB is the limit"
