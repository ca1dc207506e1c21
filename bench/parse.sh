#!/usr/bin/env bash
# How fast one core turns bytes into fills: bench/parse.c on a simulated day of 1 M fills in one object.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=.cache/bench/parse
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
build/vigil simulate --fills "${FILLS:-1000000}" --traders 5000 --seed 1 --output "$work/market" >"$work/log"
find "$work/market/node_fills_by_block" -name '*.lz4' | sort -V | xargs cat >"$work/day.lz4"
build/bench/bench_parse "$work/day.lz4" "${ROUNDS:-7}"
