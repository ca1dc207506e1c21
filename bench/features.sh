#!/usr/bin/env bash
# `vigil features` (all figures, all tables) against what its users have: DuckDB's SQL for the sums that SQL
# can do, and a Polars script for positions.
#
#     bench/features.sh                       a simulated day of 5 M fills, 3 rounds
#     FILLS=1M TRADERS=5k ROUNDS=5 bench/features.sh
#
# In turns, each alone, CPU seconds (user and system). The Polars script runs on an eighth of the traders,
# once, and is scaled by its fills; it is left out where Polars cannot be installed. Exits with 1 when exact
# sums differ.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

fills=${FILLS:-5M}
traders=${TRADERS:-20k}
rounds=${ROUNDS:-3}
vigil=${VIGIL:-build/vigil}
duckdb=$PWD/.cache/deps/duckdb
work=.cache/bench/features
venv=.cache/bench/polars
polars=1.35.2

die() { echo "features.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
[ -f "$duckdb/libduckdb.so" ] || die "there is no DuckDB: run ./dev setup"
rm -rf "$work"
mkdir -p "$work/sql"
trap 'rm -rf "$work"' EXIT

gcc -std=gnu17 -O2 -Wall bench/run_sql.c -I"$duckdb" -L"$duckdb" -lduckdb -Wl,-rpath,"$duckdb" -o "$work/run_sql"
"$vigil" simulate --fills "$fills" --traders "$traders" --seed 7 --output "$work/market" >"$work/log" 2>&1 ||
    die "simulate failed: $(tail -n 3 "$work/log")"

# measure NAME COMMAND…: appends "user+sys wall rss_kb" to NAME.times
measure() {
    local name=$1
    shift
    /usr/bin/time -f '%U %S %e %M' -o "$work/time" "$@" >"$work/log" 2>&1 || die "$name failed: $(tail -n 3 "$work/log")"
    awk '{ print $1 + $2, $3, $4 }' "$work/time" >>"$work/$name.times"
}

# A day but for its last hour, then that hour: what one more hour costs.
last=$(find "$work/market/node_fills_by_block" -name '23.lz4')
mkdir -p "$work/hour"
mv "$last" "$work/hour/"
measure fetch "$vigil" fetch "$work/market" --lake "$work/lake"
"$vigil" features --lake "$work/lake" >/dev/null
mv "$work/hour/23.lz4" "$last"
"$vigil" fetch "$last" --lake "$work/lake" >/dev/null
measure hour "$vigil" features --lake "$work/lake"

for ((round = 0; round < rounds; round++)); do
    sync
    measure vigil "$vigil" features --full --lake "$work/lake"
    sync
    measure sql "$work/run_sql" bench/duckdb_features.sql LAKE="$work/lake" OUTPUT="$work/sql"
done

cat >"$work/check.sql" <<'SQL'
SELECT CASE WHEN count(*) <> count(s.user_address) OR count(*) = 0 OR count(*) FILTER (t.volume <> s.volume OR t.realized_pnl <> s.realized_pnl
        OR t.fees_paid <> s.fees_paid OR t.net_pnl <> s.net_pnl OR t.order_count <> s.order_count OR t.unique_coins <> s.unique_coins) > 0
    THEN error('the sums of traders differ') END
FROM read_parquet('${LAKE}/features/traders/*.parquet') t FULL JOIN read_parquet('${SQL}/traders.parquet') s USING (user_address)
WHERE t.user_address <> '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee';
SELECT CASE WHEN count(*) <> count(s.coin) OR count(*) = 0 OR count(*) FILTER (t.volume <> s.volume OR t.open <> s.open OR t.close <> s.close
        OR t.high <> s.high OR t.low <> s.low OR t.unique_traders <> s.unique_traders) > 0 THEN error('the days of coins differ') END
FROM read_parquet('${LAKE}/features/coin_daily/*/*.parquet') t FULL JOIN read_parquet('${SQL}/coin_daily.parquet') s USING (coin)
WHERE t.trade_count > 0;
SQL
"$work/run_sql" "$work/check.sql" LAKE="$work/lake" SQL="$work/sql" || die "vigil's tables and DuckDB's are not the same"

[ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install "polars==$polars"; } >"$work/log" 2>&1 || rm -rf "$venv"
share=0
if [ -x "$venv/bin/python" ]; then
    measure polars "$venv/bin/python" bench/polars_features.py "$work/lake" "$work" 0.125
    share=$(awk '{ print $1 }' "$work/log")
fi

median() { sort -g | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'; }
of() { awk -v column="$2" '{ print $column }' "$work/$1.times" | median; }
count() { "$vigil" sql "$1" --csv --lake "$work/lake" | tail -n 1; }
rows=$(count 'SELECT count(*) FROM fills')
perps=$(count "SELECT count(*) FROM fills WHERE NOT regexp_matches(coin, '[@/#]')")
hour=$(count "SELECT count(*) FROM fills WHERE hour(time) = 23")

printf '%d fills of %d traders; medians of %d rounds; exact sums equal\n\n' "$rows" "$(count 'SELECT count(*) FROM traders')" "$rounds"
printf '%-44s %8s %8s %9s %12s %9s\n' '' 'CPU s' 'wall s' 'RSS MiB' 'fills/CPU s' 'CPU ratio'
# line LABEL CPU WALL RSS FILLS
line() {
    awk -v label="$1" -v cpu="$2" -v wall="$3" -v rss="$4" -v n="$5" -v ours="$(of vigil 1)" -v all="$rows" 'BEGIN {
        printf "%-44s %8.2f %8.2f %9.0f %12.0f %8.1fx\n", label, cpu, wall, rss / 1024, n / cpu, (cpu / n) / (ours / all) }'
}
line 'vigil features, everything' "$(of vigil 1)" "$(of vigil 2)" "$(of vigil 3)" "$rows"
line 'vigil features, one more hour' "$(of hour 1)" "$(of hour 2)" "$(of hour 3)" "$hour"
line 'DuckDB SQL, only sums' "$(of sql 1)" "$(of sql 2)" "$(of sql 3)" "$rows"
if [ "$share" != 0 ]; then
    line "Polars and Python, only episodes ($share of $perps)" "$(of polars 1)" "$(of polars 2)" "$(of polars 3)" "$share"
fi
awk -v fetch="$(of fetch 2)" -v features="$(of vigil 2)" 'BEGIN { printf "\nraw files to profiles: %.1f s wall (fetch %.1f s of 23 hours, features %.1f s)\n", fetch + features, fetch, features }'
