#!/usr/bin/env -S python3 -B
"""What only TimescaleDB has: chunks by day, continuous aggregates that show new rows at once, policies, days kept by
columns; the numbers are those of the lake throughout, also while a policy refreshes and after a load was killed. Skipped
where VIGIL_TEST_TIMESCALE_BINDIR does not name the folder of a postgres with the extension."""

import os
import threading

from e2e import TMP, check, decoded, environment, equal, finish, hour_files, simulate, skip, sql, start, vigil, vigil_json, write
from postgres import Postgres

if not os.environ.get("VIGIL_TEST_TIMESCALE_BINDIR"):
    skip("TimescaleDB (VIGIL_TEST_TIMESCALE_BINDIR names no folder with it)")
SERVER = start(Postgres())
ask = SERVER.psql


def load(*words):
    return vigil_json("load", "--source", LAKE, *words, env=environment(DATABASE_URL=SERVER.url))


def same_rollups(what):
    """Both aggregates as they are read are those of the table's rows, and these are the lake's."""
    traders = ("SELECT count(*), sum(fill_count), sum(volume), sum(realized_pnl), sum(fees_paid), sum(winning_trades), "
               "sum(losing_trades), sum(unique_coins) FROM trader_daily")
    fresh = ("SELECT count(*), sum(n), sum(v), sum(p), sum(f), sum(w), sum(l), sum(c) FROM (SELECT count(*) n, sum(price * size) v, "
             "sum(coalesce(closed_pnl, 0)) p, sum(coalesce(fee, 0)) f, count(*) FILTER (WHERE closed_pnl > 0) w, count(*) FILTER "
             "(WHERE closed_pnl < 0) l, count(DISTINCT coin) c FROM fills GROUP BY time_bucket('1 day', time), user_address) t")
    equal(ask(traders), ask(fresh), f"trader_daily {what}")
    coins = "SELECT count(*), sum(fill_count), sum(unique_traders), sum(volume) FROM coin_daily"
    fresh = ("SELECT count(*), sum(n), sum(t), sum(v) FROM (SELECT count(*) n, count(DISTINCT user_address) t, sum(price * size) v "
             "FROM fills GROUP BY time_bucket('1 day', time), coin) t")
    equal(ask(coins), ask(fresh), f"coin_daily {what}")
    count, volume = sql(LAKE, "SELECT count(*), sum(price * size) FROM fills")[0]
    equal(ask(f"SELECT count(*) = {count} AND sum(price * size) = {volume} FROM fills"), "t", "and the fills are the lake's")


MARKET = simulate("market", 20000, 150, seed=8, days=3)
LAKE = TMP / "lake"
for path in hour_files(MARKET)[:60]:
    write(TMP / "some/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "some", "--lake", LAKE)
check(load()["timescale"], f"TimescaleDB {ask('SELECT extversion FROM pg_extension WHERE extname = $$timescaledb$$')}")

print("# what there is")
equal(ask("SELECT hypertable_name, time_interval FROM timescaledb_information.dimensions WHERE hypertable_name = 'fills'"),
      "fills|1 day", "fills are a hypertable of days")
equal(ask("SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'fills'"), "3", "a chunk for each")
equal(ask("SELECT view_name, materialized_only FROM timescaledb_information.continuous_aggregates ORDER BY 1"),
      "coin_daily|f\ntrader_daily|f", "two continuous aggregates in real-time mode")
equal(ask("SELECT proc_name, count(*) FROM timescaledb_information.jobs WHERE proc_name LIKE 'policy%' AND proc_name NOT LIKE "
          "'policy_job%' GROUP BY 1 ORDER BY 1"), "policy_compression|1\npolicy_refresh_continuous_aggregate|2",
      "a policy for each, and one for days kept by columns")
equal(ask("SELECT count(*) FROM pg_indexes WHERE tablename = 'fills'"), "3", "and the indexes of fills")
same_rollups("after the first load")

print("# a day that is not over")
columns = [line for line in ask("SELECT column_name FROM information_schema.columns WHERE table_name = 'fills' AND column_name NOT IN "
                                "('time', 'block_number') ORDER BY ordinal_position").splitlines()]
names = ", ".join(f'"{c}"' for c in columns)
ask(f"INSERT INTO fills (time, block_number, {names}) SELECT now(), -7, {names} FROM fills LIMIT 1")
equal(ask("SELECT sum(fill_count) FROM trader_daily WHERE day > now() - INTERVAL '1 day'"), "1", "a row of this moment is in trader_daily at once")
equal(ask("SELECT sum(fill_count) FROM coin_daily WHERE day > now() - INTERVAL '1 day'"), "1", "and in coin_daily")
ask("DELETE FROM fills WHERE block_number = -7")

print("# days kept by columns")
for chunk in ask("SELECT show_chunks('fills')").splitlines():
    ask(f"CALL convert_to_columnstore('{chunk}')")
equal(ask("SELECT bool_and(is_compressed) FROM timescaledb_information.chunks WHERE hypertable_name = 'fills'"), "t", "all are")
same_rollups("of columns")
for path in hour_files(MARKET)[60:]:
    write(TMP / "some/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "some", "--lake", LAKE)
equal([(d["date"], d["action"]) for d in load()["days"]], [("2026-05-03", "added to")], "hours are added to such a day")
same_rollups("with them")
other = TMP / "some/node_fills_by_block/hourly" / hour_files(MARKET)[5].parent.name / hour_files(MARKET)[5].name
lines = decoded(other).splitlines(True)
write(other, b"".join(lines[: len(lines) // 2]))
vigil("fetch", TMP / "some", "--lake", LAKE)
equal([(d["date"], d["action"]) for d in load()["days"]], [("2026-05-01", "replaced")], "and such a day is replaced")
same_rollups("of the new rows")

print("# a load that was killed before its refresh")
ask("INSERT INTO vigil_lake.days_to_refresh VALUES ('2026-05-01'), ('2026-05-02')")
ask("DELETE FROM fills WHERE time < '2026-05-02 00:00+00'")
ask("DELETE FROM vigil_lake.loaded_files WHERE table_name = 'fills' AND day = '2026-05-01'")
vigil("load", "--source", LAKE, "--date", "2026-05-02", env=environment(DATABASE_URL=SERVER.url))
equal(ask("SELECT count(*) FROM trader_daily WHERE day < '2026-05-02 00:00+00'"), "0", "the next load refreshes the days it left")
equal(ask("SELECT count(*) FROM vigil_lake.days_to_refresh"), "0", "and none is left")
load()
same_rollups("after the day was loaded again")

print("# policies at work meanwhile")
jobs = ask("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'").split()
over = threading.Event()


def refresh():
    while not over.is_set():
        for job in jobs:
            ask(f"CALL run_job({job})", check=False)  # one of two that meet gives way


thread = threading.Thread(target=refresh)
thread.start()
for _ in range(4):
    ask("UPDATE vigil_lake.loaded_files SET sha256 = repeat('0', 64) WHERE table_name = 'fills'")
    equal(len(load()["days"]), 3, "all days are loaded again while policies refresh")
over.set()
thread.join()
same_rollups("afterwards")
finish()
