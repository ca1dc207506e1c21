#!/usr/bin/env bash
# How fast a lake becomes columns: bench/read.c on a simulated day, by our own reader and by DuckDB.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=.cache/bench/read
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
build/vigil simulate --fills "${FILLS:-5000000}" --traders 20000 --seed 1 --output "$work/market" >"$work/log"
build/vigil fetch "$work/market/node_fills_by_block" --lake "$work/lake" --quiet >>"$work/log"
build/bench/bench_read "$work/lake" "${ROUNDS:-5}"
