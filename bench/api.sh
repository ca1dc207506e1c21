#!/usr/bin/env bash
# How fast the API answers: wrk beside the server on one machine. Bars: a profile by address 30,000 times a second, with
# p99 below 10 ms at 256 connections; 20 times what FastAPI with asyncpg gives of the same rows out of PostgreSQL, from
# which vigil serves, too, then; and the newest fills of a trader with p99 below 50 ms for one client (the bar is meant for
# FILLS=20M). Other questions are shown for comparison.
#
#     bench/api.sh
#     FILLS=20M TRADERS=30000 bench/api.sh
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=.cache/bench/api
rm -rf "$work"
mkdir -p "$work"
server='' others=()
stop() { if [ $# != 0 ]; then kill "$@" 2>/dev/null || true; wait "$@" 2>/dev/null || true; fi; }
trap 'stop $server "${others[@]}"; rm -rf "$work"' EXIT
build/vigil simulate --fills "${FILLS:-1M}" --traders "${TRADERS:-10000}" --seed 1 --output "$work/market" >"$work/log"
build/vigil fetch "$work/market/node_fills_by_block" --lake "$work/lake" --quiet >>"$work/log"
build/vigil features --lake "$work/lake" --quiet >>"$work/log"
build/vigil classify --lake "$work/lake" >>"$work/log"
rm -r "$work/market"

# serve WORD…: starts vigil serve, and sets server and url.
serve() {
    build/vigil serve --listen 127.0.0.1:0 "$@" 2>"$work/server.log" &
    server=$!
    for _ in $(seq 600); do
        grep -q documentation "$work/server.log" && break
        sleep 0.1
    done
    url=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' "$work/server.log")
    [ -n "$url" ] || { cat "$work/server.log" >&2; exit 1; }
}
serve --lake "$work/lake"

# Addresses in an order that no cache likes.
build/vigil sql 'SELECT user_address FROM traders ORDER BY hash(user_address) LIMIT 20000' --lake "$work/lake" --json |
    grep -o '0x[0-9a-f]*' >"$work/addresses"
cat >"$work/profiles.lua" <<LUA
local paths, i = {}, 0
for address in io.lines("$work/addresses") do paths[#paths + 1] = "/traders/" .. address end
function request()
    i = i % #paths + 1
    return wrk.format("GET", paths[i])
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("%.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
        latency:percentile(99) / 1000, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
LUA
sed "s#\"/traders/\" .. address#\"/traders/\" .. address .. \"/fills?limit=20\"#" "$work/profiles.lua" >"$work/fills.lua"
sed 's#paths\[#paths[#; s#"/traders/" .. address#"/traders?limit=50\&sort=net_pnl"#' "$work/profiles.lua" >"$work/list.lua"

# measure NAME SCRIPT CONNECTIONS [HEADER]
measure() {
    local rate p50 p99 errors
    read -r rate p50 p99 errors < <(wrk -t1 -c"$3" -d"${SECONDS_EACH:-8}" --timeout 10 -s "$work/$2.lua" ${4:+-H "$4"} "$url" | tail -n 1)
    printf '%-36s %10s requests/s   p50 %7s ms   p99 %7s ms   %s errors\n' "$1" "$rate" "$p50" "$p99" "$errors"
    last_rate=$rate last_p99=$p99 last_errors=$errors
}

status() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' "/proc/$server/status"; }
curl -s "$url/metrics" | awk '$1 == "vigil_snapshot_traders" { n = $2 } $1 == "vigil_snapshot_bytes" { b = $2 }
    $1 == "vigil_snapshot_build_seconds" { s = $2 }
    END { printf "snapshot: %d traders, %.0f MiB (%.1f KiB each), built in %.1f s\n", n, b / 1048576, b / 1024 / n, s }'
SECONDS_EACH=1 measure "profile, the first second, 256" profiles 256 # texts are printed when first asked for
measure "profile, 256 connections" profiles 256
ok=$(awk -v rate="$last_rate" -v p99="$last_p99" -v errors="$last_errors" 'BEGIN { print (rate >= 30000 && p99 < 10 && errors == 0) }')
measure "profile in gzip, 256 connections" profiles 256 "Accept-Encoding: gzip"
measure "50 traders by net_pnl, 32" list 32
measure "20 newest fills, 1" fills 1
fills_p99=$last_p99
measure "20 newest fills, 8" fills 8
echo "memory of the server: $(status VmRSS) MiB, at most $(status VmHWM) MiB"
stop "$server"

# The same figures in PostgreSQL: both services answer from there. Fills stay where they are.
/usr/bin/python3 -B tests/services/postgres.py >"$work/postgres.log" 2>&1 &
others=($!)
for _ in $(seq 300); do
    grep -q '^export DATABASE_URL=' "$work/postgres.log" && break
    sleep 0.1
done
DATABASE_URL=$(sed -n 's/^export DATABASE_URL=//p' "$work/postgres.log")
export DATABASE_URL
build/vigil load --source "$work/lake" --start 2000-01-01 --end 2000-01-01 --quiet >>"$work/log" 2>&1 || [ $? = 3 ]
serve --lake "$work/none"
measure "profile over PostgreSQL, 64" profiles 64
vigil_rate=$last_rate
stop "$server"
server=
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
/usr/bin/python3 -B -m uvicorn profile_service:app --app-dir bench --host 127.0.0.1 --port "$port" --workers 2 --loop uvloop \
    --http httptools --no-access-log --log-level warning >"$work/uvicorn.log" 2>&1 &
others+=($!)
url=http://127.0.0.1:$port
address=$(head -n 1 "$work/addresses")
for _ in $(seq 200); do
    curl -sf "$url/traders/$address" >"$work/answer" && break
    sleep 0.1
done
grep -q "$address" "$work/answer" || { cat "$work/uvicorn.log" >&2; exit 1; }
measure "FastAPI and asyncpg, 2 workers, 64" profiles 64
ratio=$(awk -v a="$vigil_rate" -v b="$last_rate" 'BEGIN { printf "%.0f", a / b }')
echo "profiles: $ratio times FastAPI's rate"
bad=
[ "$ok" = 1 ] || bad="30,000 requests/s and p99 < 10 ms without an error"
[ "$ratio" -ge 20 ] || bad="$bad${bad:+; }20 times the service in Python"
awk -v p="$fills_p99" 'BEGIN { exit !(p < 50) }' || bad="$bad${bad:+; }p99 of the newest fills < 50 ms"
[ -z "$bad" ] || { echo "missed: $bad" >&2; exit 1; }
