#!/usr/bin/env bash
# `vigil load` against psql's \copy … (FORMAT binary) of the same rows into tables of the same columns and checks, in the
# same PostgreSQL, by turns. The bar: at least 90 % of psql's rate, though vigil also unpacks the lake and adds up what it
# sends. Then both with the same indexes made afterwards; vigil also compares sums, publishes and makes rollups in its time.
#
#     bench/load.sh                       2 days of 1 M fills, 3 rounds
#     FILLS=5M DAYS=5 ROUNDS=3 bench/load.sh
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

rounds=${ROUNDS:-3}
vigil=$PWD/${VIGIL:-build/vigil}
psql=/usr/lib/postgresql/15/bin/psql
work=$PWD/.cache/bench/load

die() { echo "load.sh: $*" >&2; exit 1; }
[ -x "$vigil" ] || die "there is no $vigil: run ./dev build"
rm -rf "$work"
mkdir -p "$work"
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

"$vigil" simulate --fills "${FILLS:-2M}" --days "${DAYS:-2}" --traders 20k --seed 7 --output "$work/market" >"$work/log" 2>&1 ||
    die "simulate failed: $(tail -n 3 "$work/log")"
"$vigil" fetch "$work/market" --lake "$work/lake" --quiet >"$work/log" 2>&1 || die "fetch failed: $(tail -n 3 "$work/log")"
rm -r "$work/market"

/usr/bin/python3 -B tests/services/postgres.py >"$work/server" 2>&1 &
server=$!
for _ in $(seq 300); do
    grep -q '^export DATABASE_URL=' "$work/server" && break
    sleep 0.1
done
base=$(sed -n 's/^export DATABASE_URL=//p' "$work/server")
[ -n "$base" ] || die "no PostgreSQL: $(tail -n 3 "$work/server")"
sql() { "$psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
now() { date +%s.%N; }

# The time of one step of psql's, added to NAME.
step() {
    local name=$1 begin
    shift
    begin=$(now)
    "$@" >/dev/null
    awk -v a="$begin" -v b="$(now)" 'BEGIN { print b - a }' >>"$work/$name.round"
}

# By \copy: a table a day with vigil's check, then its indexes.
by_psql() {
    local url=$1 day table
    rm -f "$work"/*.round
    for day in $days; do
        table=copied_${day//-/}
        sql "$url" "CREATE TABLE $table (LIKE fills INCLUDING DEFAULTS, CHECK (time >= '$day 00:00+00' AND time < '$day 00:00+00'::timestamptz + interval '1 day'))"
        step copy "$psql" -X -q -d "$url" -c "\\copy $table FROM '$work/$day.rows' (FORMAT binary)"
        step index sql "$url" "CREATE UNIQUE INDEX ON $table (block_number, event_index, time); CREATE INDEX ON $table
            (user_address, time DESC); CREATE INDEX ON $table (coin, time DESC); ANALYZE $table"
    done
    awk '{ n += $1 } END { print n }' "$work/copy.round" >"$work/a"
    awk '{ n += $1 } END { print n }' "$work/index.round" >"$work/b"
    paste -d ' ' "$work/a" "$work/b" >>"$work/psql.times"
}

# vigil's steps: copy, index, check, publish.
by_vigil() {
    local name=$1
    shift
    "$vigil" load --source "$work/lake" --json "$@" >"$work/report" 2>"$work/log" || die "load failed: $(cat "$work/log")"
    /usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(*(r[k + "_seconds"] for k in ("copy", "index", "check", "publish")))' \
        "$work/report" >>"$work/$name.times"
}

export DATABASE_URL
for ((round = 0; round <= rounds; round++)); do
    for name in vigil vigil1; do
        sql "$base" "CREATE DATABASE ${name}_$round"
        DATABASE_URL=${base%/*}/${name}_$round
        jobs=()
        [ $name = vigil ] || jobs=(--jobs 1)
        by_vigil $name "${jobs[@]}"
        if [ $round = 0 ]; then break; fi
        [ $name = vigil ] || sql "$base" "DROP DATABASE ${name}_$round"
    done
    DATABASE_URL=${base%/*}/vigil_$round
    if [ $round = 0 ]; then # the rows as vigil sent them, once; this round only warms up
        rows=$(sql "$DATABASE_URL" "SELECT count(*) FROM fills")
        days=$(sql "$DATABASE_URL" "SELECT DISTINCT (time AT TIME ZONE 'UTC')::DATE FROM fills ORDER BY 1")
        for day in $days; do
            "$psql" -X -q -d "$DATABASE_URL" -c "\\copy (SELECT * FROM vigil_lake.fills_${day//-/}) TO '$work/$day.rows' (FORMAT binary)"
        done
        rm "$work/vigil.times"
    else
        by_psql "$DATABASE_URL"
        equal=$(sql "$DATABASE_URL" "SELECT (SELECT sum(price * size) FROM copied_${day//-/}) = (SELECT sum(price * size) FROM vigil_lake.fills_${day//-/})")
        [ "$equal" = t ] || die "the tables differ"
    fi
    sql "$base" "DROP DATABASE vigil_$round"
done

# The median of a sum of columns.
median() { awk -v columns="$2" '{ split(columns, c, ","); n = 0; for (i in c) n += $c[i]; print n }' "$work/$1.times" | sort -n |
    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
awk -v rows="$rows" -v p="$(median psql 1)" -v pi="$(median psql 2)" -v v="$(median vigil 1)" -v vi="$(median vigil 2)" \
    -v one="$(median vigil1 1)" -v extra="$(median vigil 3,4)" 'BEGIN {
    printf "%d fills; medians, s\n", rows
    printf "                        copy   indexes   checks, rollups   rows/s of copy\n"
    printf "psql \\copy, binary    %6.2f    %6.2f                          %9.0f\n", p, pi, rows / p
    printf "vigil load            %6.2f    %6.2f            %6.2f        %9.0f   %3.0f %% of psql\n", v, vi, extra, rows / v, p / v * 100
    printf "vigil load --jobs 1   %6.2f                                    %9.0f   %3.0f %%\n", one, rows / one, p / one * 100
    if (p / v < 0.9) { print "the bar is 90 %" > "/dev/stderr"; exit 1 } }'
