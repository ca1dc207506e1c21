#!/usr/bin/env bash
# What Vigil does, end to end, in a minute: real records of the exchange, then a simulated day.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
vigil=$root/build/vigil
data=$root/tests/data/real
home=${VIGIL_HOME:-$root/vigil-data}
real=$home/demo/real-lake
market=$home/demo/market
lake=$home/demo/lake

bold() { if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }
run() { printf '$ vigil %s\n' "$*"; "$vigil" "$@"; }
# verify and fetch say 3 for "incomplete": expected here, since the real sample is cut from longer files.
run_incomplete() { run "$@" || [ $? -eq 3 ]; }

rm -rf "$home/demo"
mkdir -p "$home/demo"
cd "$home/demo"

bold "1. Real records: blocks of the exchange, and the fills of four wallets, into an exact lake"
run_incomplete fetch "$data/node_fills_by_block" "$data"/wallets/*.lz4 --lake real-lake

bold "2. They come back byte for byte"
for hour in 20260315/0 20260430/20; do
    day=${hour%/*}
    lz4 -dc "$data/node_fills_by_block/hourly/$hour.lz4" >"source-$day.jsonl"
done
run export --lake real-lake --start 2026-03-14 --end 2026-04-30 --output exported.jsonl
cat source-20260315.jsonl source-20260430.jsonl | cmp - exported.jsonl && echo "identical: $(wc -c <exported.jsonl) bytes"

bold "3. What is there, and does it add up? (samples: most hours are absent, and verify says so)"
run_incomplete verify --lake real-lake

bold "4. A simulated day: 24 hour files in the exchange's own format, both sides of every trade"
run simulate --fills 500k --traders 3000 --seed 7 --output market
run fetch market --lake lake
run verify --lake lake

bold "5. Positions, episodes and figures of every trader; who earned what"
run features --lake lake
run classify --lake lake
run leaderboard --lake lake --limit 10
run cluster --lake lake

best=$("$vigil" leaderboard --lake lake --limit 1 --json | sed 's/.*"user_address":"\([^"]*\)".*/\1/')
bold "6. One trader"
run trader "$best" --lake lake

bold "7. SQL over the lake"
run sql "SELECT coin, count(*) AS fills, count(DISTINCT user_address) AS traders, sum(closed_pnl) AS pnl FROM fills GROUP BY coin ORDER BY fills DESC LIMIT 5" --lake lake

cat <<TEXT

The lakes of this demo: $real
                        $lake
What to try next:
  build/vigil help                                   all commands
  build/vigil serve --lake $lake    the dashboard, at http://127.0.0.1:8080
  build/vigil leaderboard --by volume --lake $lake
  build/vigil sql 'DESCRIBE fills' --lake $lake
  build/vigil fetch YOUR_FILES                       your own hour files of the exchange
TEXT
