#!/usr/bin/env bash
# How fast the API answers: wrk beside the server on one machine. Bars: a profile by address 30,000 times a second, with
# p99 below 10 ms at 256 connections. Other questions are shown for comparison. (A comparison with a service in Python over
# the same database belongs here once the database is served from.)
#
#     TRADERS=100000 FILLS=5M bench/api.sh
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=.cache/bench/api
rm -rf "$work"
mkdir -p "$work"
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
build/vigil simulate --fills "${FILLS:-1M}" --traders "${TRADERS:-10000}" --seed 1 --output "$work/market" >"$work/log"
build/vigil fetch "$work/market/node_fills_by_block" --lake "$work/lake" --quiet >>"$work/log"
build/vigil features --lake "$work/lake" --quiet >>"$work/log"
build/vigil classify --lake "$work/lake" >>"$work/log"
build/vigil serve --lake "$work/lake" --listen 127.0.0.1:0 2>"$work/server.log" &
server=$!
for _ in $(seq 600); do
    grep -q documentation "$work/server.log" && break
    sleep 0.1
done
url=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' "$work/server.log")
[ -n "$url" ] || { cat "$work/server.log" >&2; exit 1; }

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
measure "profile, 256 connections" profiles 256
ok=$(awk -v rate="$last_rate" -v p99="$last_p99" -v errors="$last_errors" 'BEGIN { print (rate >= 30000 && p99 < 10 && errors == 0) }')
measure "profile in gzip, 256 connections" profiles 256 "Accept-Encoding: gzip"
measure "50 traders by net_pnl, 32" list 32
measure "20 newest fills, 8" fills 8
echo "memory of the server: $(status VmRSS) MiB, at most $(status VmHWM) MiB"
[ "$ok" = 1 ] || { echo "the bar is 30,000 requests/s and p99 < 10 ms without an error" >&2; exit 1; }
