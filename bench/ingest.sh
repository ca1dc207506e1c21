#!/usr/bin/env bash
# `vigil fetch` against DuckDB's own SQL: one simulated LZ4 file to sorted, exact Parquet.
#
#     bench/ingest.sh                 1 M fills, 3 rounds
#     FILLS=200000 ROUNDS=5 bench/ingest.sh
#     INPUT=day.lz4 bench/ingest.sh   block lines from elsewhere
#
# In turns: DuckDB with the plain cast, DuckDB with a cast tuned by hand, vigil. DuckDB is given the
# decompressed text; the time for that is not counted. Both use two threads. Exits with 1 when the
# outputs differ.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

fills=${FILLS:-1000000}
rounds=${ROUNDS:-3}
vigil=${VIGIL:-build/vigil}
duckdb=$PWD/.cache/deps/duckdb
work=.cache/bench/ingest

# What everybody would write. In DuckDB 1.5 a cast from text to a decimal of more than 18 digits can be
# a hundred times slower than to one of 18 or fewer, depending on the value.
plain='x::DECIMAL(30,10)'
# What somebody writes who has found that out: the same value, and the slow way only for long numbers.
tuned='coalesce(try_cast(x AS DECIMAL(18,10))::DECIMAL(30,10), x::DECIMAL(30,10))'

die() { echo "ingest.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
[ -f "$duckdb/libduckdb.so" ] || die "there is no DuckDB: run ./dev setup"

rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

gcc -std=gnu17 -O2 -Wall bench/run_sql.c -I"$duckdb" -L"$duckdb" -lduckdb -Wl,-rpath,"$duckdb" -o "$work/run_sql"

if [ -n "${INPUT:-}" ]; then
    cp -- "$INPUT" "$work/input.lz4"
else
    "$vigil" simulate --fills "$fills" --traders $((fills / 200 + 10)) --seed 1 --output "$work/market" >"$work/log" 2>&1 ||
        die "simulate failed: $(tail -n 3 "$work/log")"
    # Hours in order of time (0, 1, … 10 …); LZ4 frames may simply follow each other.
    find "$work/market/node_fills_by_block" -name '*.lz4' | sort -V | xargs cat >"$work/input.lz4"
    rm -rf "$work/market"
fi
lz4 -dc "$work/input.lz4" >"$work/input.jsonl"

# measure NAME COMMAND…: appends "user+sys wall rss_kb" to NAME.times
measure() {
    local name=$1
    shift
    /usr/bin/time -f '%U %S %e %M' -o "$work/time" "$@" >"$work/log" 2>&1 || die "$name failed: $(tail -n 3 "$work/log")"
    awk '{ print $1 + $2, $3, $4 }' "$work/time" >>"$work/$name.times"
}

# "sync" between runs: nobody pays for what another one left to be written.
for ((round = 0; round < rounds; round++)); do
    for peer in plain tuned; do
        sync
        rm -f "$work/$peer.parquet"
        measure "$peer" "$work/run_sql" bench/duckdb_ingest.sql \
            EXACT="${!peer}" INPUT="$work/input.jsonl" OUTPUT="$work/$peer.parquet"
    done
    sync
    rm -rf "$work/lake"
    measure vigil "$vigil" fetch "$work/input.lz4" --lake "$work/lake"
done

# Rows, exact sums, and a hash over all columns of all rows that does not depend on their order.
cat >"$work/check.sql" <<'SQL'
CREATE TEMP MACRO digest(path) AS TABLE
    SELECT count(*) AS n, sum(price) AS price, sum(size) AS size, sum(closed_pnl) AS closed_pnl, sum(fee) AS fee,
        bit_xor(hash(time::TIMESTAMPTZ, user_address, coin, price, size, side, direction, start_position, closed_pnl, fee,
            fee_token, crossed, tx_hash, order_id, trade_id, block_time::TIMESTAMP_NS, block_number, event_index,
            builder, builder_fee, deployer_fee, cloid, twap_id, liquidated_user, liquidation_mark_price,
            liquidation_method)) AS rows
    FROM read_parquet(path, hive_partitioning = false);
SELECT CASE WHEN a IS DISTINCT FROM b OR a.n = 0 THEN error('the outputs differ: ' || a || ' ' || b) END
FROM digest('${A}') a, digest('${B}') b;
COPY (SELECT n FROM digest('${A}')) TO '${COUNT}' (FORMAT csv, HEADER false);
SQL
for peer in plain tuned; do
    "$work/run_sql" "$work/check.sql" A="$work/lake/fills/*/*.parquet" B="$work/$peer.parquet" COUNT="$work/count" ||
        die "vigil's lake and DuckDB's file ($peer) are not the same"
done

bytes() { find "$@" -name '*.parquet' -printf '%s\n' | awk '{ sum += $1 } END { printf "%.1f", sum / 1e6 }'; }
median() { sort -g | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'; }
of() { awk -v column="$2" '{ print $column }' "$work/$1.times" | median; }

count=$(<"$work/count")
printf '%d fills, %.1f MB of LZ4, %.1f MB of text; medians of %d rounds; outputs equal in all rows\n\n' \
    "$count" "$(stat -c %s "$work/input.lz4" | awk '{ print $1 / 1e6 }')" \
    "$(stat -c %s "$work/input.jsonl" | awk '{ print $1 / 1e6 }')" "$rounds"
printf '%-22s %9s %9s %10s %12s %9s %9s\n' '' 'CPU s' 'wall s' 'RSS MiB' 'CPU s/M' 'output MB' 'CPU ratio'
for who in plain tuned vigil; do
    case $who in
    plain) label='DuckDB, plain cast' size=$(bytes "$work/plain.parquet") ;;
    tuned) label='DuckDB, tuned cast' size=$(bytes "$work/tuned.parquet") ;;
    vigil) label='vigil fetch' size=$(bytes "$work/lake/fills") ;;
    esac
    awk -v label="$label" -v cpu="$(of $who 1)" -v wall="$(of $who 2)" -v rss="$(of $who 3)" -v n="$count" \
        -v size="$size" -v ours="$(of vigil 1)" 'BEGIN {
            printf "%-22s %9.2f %9.2f %10.0f %12.2f %9s %8.1fx\n", label, cpu, wall, rss / 1024, cpu / n * 1e6, size, cpu / (ours > 0 ? ours : 0.01) }'
done
