#!/usr/bin/env -S python3 -B
"""vigil load: whatever was loaded, changed, killed or refused before, the database ends as a fresh load leaves it, and
that is what DuckDB's own SQL finds in the lake."""

import decimal
import os
import random
import shutil
import signal
import subprocess
import threading
import time

from e2e import (ROOT, TMP, at_end, check, command, decoded, environment, equal, finish, hour_files, simulate, sql, start,
                 vigil, vigil_json, write)
from faulty_tcp import FaultyTcp
from postgres import Postgres

dice = random.Random(7)
timescale = bool(os.environ.get("VIGIL_TEST_TIMESCALE_BINDIR"))
print("with TimescaleDB" if timescale else
      "skipped: TimescaleDB (VIGIL_TEST_TIMESCALE_BINDIR names no folder with it)")
server = start(Postgres())
number = 0


def new_database():
    """A database of its own on the same server; its URL."""
    global number
    number += 1
    server.psql(f"CREATE DATABASE test{number}")
    return server.url.rsplit("/", 1)[0] + f"/test{number}"


def psql(url, statement, wrong=False):
    words = [str(server.programs_folder / "psql") if (server.programs_folder / "psql").exists() else "psql", "-X", "-q",
             "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, url]
    result = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/")
    if result.returncode and not wrong:
        raise RuntimeError(result.stderr)
    return (result.stderr if result.returncode else result.stdout).strip()


def load(url, lake, *words, code=0, env=None):
    return vigil_json("load", "--source", lake, *words, code=code, env=env or environment(DATABASE_URL=url))


def actions(report):
    found = {}
    for day in report["days"]:
        found.setdefault(day["action"], []).append(day["date"])
    return found


def failed_load(url, lake, *words, code=1):
    result = vigil("load", "--source", lake, *words, code=code, env=environment(DATABASE_URL=url))
    return result.stderr.decode()


def digest(url):
    """Everything that readers see, as the server prints it."""
    found = {}
    for table, key in {"fills": "block_number, event_index", "trader_daily": "day, user_address",
                       "coin_daily": "day, coin", "vigil_lake.traders": "user_address",
                       "vigil_lake.trader_daily": "date, user_address", "vigil_lake.coin_daily": "date, coin",
                       "vigil_lake.episodes": "t::TEXT", "vigil_lake.positions": "t::TEXT", "vigil_lake.trader_coins": "t::TEXT",
                       "vigil_lake.classes": "user_address, profile", "vigil_lake.clusters": "user_address",
                       "vigil_lake.cluster_profiles": "cluster_id"}.items():
        found[table] = psql(url, f"SELECT count(*), md5(string_agg(t::TEXT, E'\\n' ORDER BY {key})) FROM {table} t")
    profiles = psql(url, "SELECT count(*), md5(string_agg((to_jsonb(t) - 'updated_at')::TEXT, E'\\n' ORDER BY "
                         "user_address)) FROM trader_profiles t")
    files = psql(url, "SELECT string_agg(path || sha256 || rows, E'\\n' ORDER BY path) FROM vigil_lake.loaded_files")
    coverage = psql(url, "SELECT from_ns, to_ns, fills, fills_in_lake, hours_present, hours_span, complete FROM "
                         "vigil_lake.coverage")
    return {**found, "profiles": profiles, "files": files, "coverage": coverage}


def like_fresh(url, lake, what):
    fresh = new_database()
    load(fresh, lake)
    a, b = digest(url), digest(fresh)
    return check(a == b, what, "\n".join(f"{k}: {str(a[k])[:200]} / {str(b[k])[:200]}" for k in a if a[k] != b[k]))


def day_sums(rows):
    return [[str(row[0]), int(row[1]), *[format(decimal.Decimal(v or 0).normalize(), "f") for v in row[2:]]] for row in rows]


def same_sums(url, lake, what):
    sums = "count(*), sum(price * size), sum(closed_pnl), sum(fee), sum(start_position), sum(builder_fee)"
    there = sql(lake, f"SELECT CAST(CAST(block_time AS DATE) AS VARCHAR), {sums} FROM fills GROUP BY 1 ORDER BY 1")
    here = psql(url, f"SELECT (time AT TIME ZONE 'UTC')::DATE, {sums} FROM fills GROUP BY 1 ORDER BY 1")
    here = [[v or None for v in line.split("|")] for line in here.splitlines()]
    equal(day_sums(here), day_sums(there), what)


def sealed(lake):
    vigil("features", "--lake", lake, code=None)
    vigil("classify", "--lake", lake, code=None)
    vigil("cluster", "--k", 3, "--lake", lake, code=None)


print("# a load, and nothing to do")
market = simulate("market", 30000, 250, seed=3, days=3)
lake = TMP / "lake"
vigil("fetch", market, "--lake", lake)
sealed(lake)
url = new_database()
report = load(url, lake)
all_fills = int(sql(lake, "SELECT count(*) FROM fills")[0][0])
equal((report["fills"], actions(report)), (all_fills, {"new": ["2026-05-01", "2026-05-02", "2026-05-03"]}), "three new days")
equal(report["timescale"], timescale, "TimescaleDB is used where it is")
same_sums(url, lake, "rows and exact sums of every day are those of DuckDB over the lake")
first = digest(url)
report = load(url, lake)
equal((report["days"], report["days_same"], report["figures"]["files"]), ([], 3, 0), "again: nothing to do")
equal(digest(url), first, "and nothing changed")
like_fresh(url, lake, "another database gets the same")

print("# what the seeds' queries know")
volume = psql(url, "SELECT user_address, sum(volume), sum(fill_count), sum(winning_trades), sum(losing_trades) FROM "
                   "trader_daily GROUP BY 1 ORDER BY 1")
from_lake = sql(lake, "SELECT user_address, sum(price * size), count(*), count(*) FILTER (closed_pnl > 0), "
                      "count(*) FILTER (closed_pnl < 0) FROM fills GROUP BY 1 ORDER BY 1")
equal([[r[0], *[format(decimal.Decimal(v).normalize(), "f") for v in r[1:]]] for r in (l.split("|") for l in volume.splitlines())],
      [[r[0], *[format(decimal.Decimal(str(v)).normalize(), "f") for v in r[1:]]] for r in from_lake],
      "trader_daily: the sums of every trader are those of the lake's fills")
coins = psql(url, "SELECT day AT TIME ZONE 'UTC', coin, fill_count, unique_traders FROM coin_daily ORDER BY 1, 2")
from_lake = sql(lake, "SELECT CAST(CAST(block_time AS DATE) AS VARCHAR), coin, count(*), count(DISTINCT user_address) FROM "
                      "fills GROUP BY 1, 2 ORDER BY 1, 2")
equal([[l.split("|")[0][:10], *l.split("|")[1:]] for l in coins.splitlines()], [[str(v) for v in r] for r in from_lake],
      "coin_daily: likewise")
profile = psql(url, "SELECT user_address, total_volume, total_trades, net_pnl, trader_class, cluster_name FROM "
                    "trader_profiles ORDER BY net_pnl DESC LIMIT 1").split("|")
best = sql(lake, "SELECT t.user_address, volume, fill_count, net_pnl, class, cluster_name FROM traders t JOIN classes c USING "
                 "(user_address) JOIN clusters USING (user_address) WHERE profile = 'vigil' ORDER BY net_pnl DESC LIMIT 1")[0]
equal([profile[0], decimal.Decimal(profile[1]), int(profile[2]), decimal.Decimal(profile[3]), profile[4], profile[5]],
      [best[0], decimal.Decimal(best[1]), int(best[2]), decimal.Decimal(best[3]), best[4], best[5]], "trader_profiles: seed 001's names")

print("# windows")
part = new_database()
report = load(part, lake, "--date", "2026-05-02")
equal((report["fills"], actions(report)), (int(sql(lake, "SELECT count(*) FROM fills WHERE CAST(block_time AS DATE) = "
                                                         "'2026-05-02'")[0][0]), {"new": ["2026-05-02"]}), "one day")
equal(psql(part, "SELECT complete FROM vigil_lake.coverage"), "f", "which does not count as complete")
report = load(part, lake, "--start", "2026-05-02", "--end", "2026-05-03")
equal((actions(report), report["days_same"]), ({"new": ["2026-05-03"]}, 1), "a window: what it lacks")
load(part, lake)
equal(digest(part), first, "the rest, and it is as if loaded at once")
vigil("load", "--source", lake, "--date", "2020-01-01", code=3, env=environment(DATABASE_URL=url))
check(True, "a day without fills: exit 3")

print("# more, and other, objects")
growing = TMP / "growing"
files = hour_files(market)
for path in files[:30]:
    write(TMP / "some/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "some", "--lake", growing)
url = new_database()
load(url, growing)
for path in files[30:40]:
    write(TMP / "some/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "some", "--lake", growing)
report = load(url, growing)
equal(actions(report), {"added to": ["2026-05-02"]}, "further hours are added to their day")
same_sums(url, growing, "its sums are the lake's")
equal(report["figures"]["present"], False, "a lake without figures: only fills")
sealed(growing)
report = load(url, growing)
check(report["days"] == [] and report["figures"]["rows"] > 0, "figures come when they are there")
like_fresh(url, growing, "as a fresh load")

other = TMP / "some/node_fills_by_block/hourly" / files[5].parent.name / files[5].name
lines = decoded(files[5]).splitlines(True)
write(other, b"".join(lines[: len(lines) // 2]))
vigil("fetch", TMP / "some", "--lake", growing)
report = load(url, growing)
equal(actions(report), {"replaced": ["2026-05-01"]}, "a replaced object: its day is built anew")
same_sums(url, growing, "and its old rows are gone")
vigil("compact", "--lake", growing)
sealed(growing)
report = load(url, growing)
check(actions(report).keys() <= {"replaced"}, f"compacted days: {actions(report)}")
like_fresh(url, growing, "as a fresh load")

psql(url, "DELETE FROM vigil_lake.loaded_files WHERE table_name = 'fills' AND day = '2026-05-01'")
report = load(url, growing)
same_sums(url, growing, "records that somebody took away: no row twice")
url2 = new_database()
for path in files[:2]:
    write(TMP / "two/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "two", "--lake", TMP / "two-lake")
load(url2, TMP / "two-lake")
for path in files[2:4]:
    write(TMP / "two/node_fills_by_block/hourly" / path.parent.name / path.name, decoded(path))
vigil("fetch", TMP / "two", "--lake", TMP / "two-lake")
copied = load(new_database(), TMP / "two-lake")
psql(url2, "INSERT INTO fills SELECT time + INTERVAL '2 hours', user_address, coin, price, size, side, direction, "
           "start_position, closed_pnl, fee, fee_token, crossed, tx_hash, order_id, trade_id, block_time, block_time_ns, "
           "-5, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM fills LIMIT 1")
text = failed_load(url2, TMP / "two-lake")
check("the database has" in text and "2026-05-01" in text, f"rows that are not the lake's are found by the check: {text[:200]}")
psql(url2, "DELETE FROM fills WHERE block_number = -5")
load(url2, TMP / "two-lake")
same_sums(url2, TMP / "two-lake", "without them it goes on")

two = load(url2, lake)
equal((two["days_foreign"], actions(two).get("removed")), (0, None), "the same days of another lake are replaced")
report = load(url2, TMP / "two-lake")
equal((report["days_foreign"], actions(report).get("removed")), (2, None), "days that the lake has not stay")
report = load(url2, TMP / "two-lake", "--prune")
equal(sorted(actions(report)["removed"]), ["2026-05-02", "2026-05-03"], "--prune removes them")
same_sums(url2, TMP / "two-lake", "and what is left are the lake's days")
equal(psql(url2, "SELECT count(DISTINCT day) FROM trader_daily"), "1", "rollups, too")

print("# killed at any moment, and run again")


def run_killed(url, after):
    """kill -9 after so many seconds; False when it had ended."""
    with subprocess.Popen(command("load", "--source", lake), env=environment(DATABASE_URL=url), cwd=TMP,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=after)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True


begun = time.monotonic()
load(new_database(), lake)
seconds = time.monotonic() - begun
url = new_database()
kills = 0
whole_days = {r[0]: int(r[1]) for r in sql(lake, "SELECT CAST(CAST(block_time AS DATE) AS VARCHAR), count(*) FROM fills GROUP BY 1")}
torn = []
for attempt in range(100):
    if kills == 9:
        break
    if run_killed(url, dice.uniform(0.05, seconds)):
        kills += 1
    else:
        url = new_database()
    if psql(url, "SELECT to_regclass('fills') IS NOT NULL") == "t":
        rows = psql(url, "SELECT (time AT TIME ZONE 'UTC')::DATE, count(*) FROM fills GROUP BY 1")
        torn += [line for line in rows.splitlines() if int(line.split("|")[1]) != whole_days[line.split("|")[0]]]
    if kills % 3 == 0:
        load(url, lake)
        equal(digest(url), first, f"run again after {kills} kills: as if never killed")
        url = new_database()
check(kills == 9, f"{kills} runs were killed")
equal(torn, [], "between them every day was there whole, or not at all")
load(url, lake)
equal(psql(url, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'fills%new'"), "0", "and no table is left over")

print("# two at once")
url = new_database()
ends = []
threads = [threading.Thread(target=lambda: ends.append(
    vigil("load", "--source", lake, code=None, env=environment(DATABASE_URL=url)))) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
codes = sorted(end.returncode for end in ends)
check(codes[0] == 0 and set(codes) <= {0, 1} and all(b"another load" in end.stderr for end in ends if end.returncode),
      f"one works, others wait a little, then say why not: {codes}", [end.stderr[-300:] for end in ends])
equal(digest(url), first, "the database is sound")

print("# the server, gone or unwilling")
guarded = start(Postgres(scram=True))
wrong = guarded.url.replace(guarded.password, "wrong-and-secret")
text = failed_load(wrong, lake)
check("password authentication failed" in text and "secret" not in text, f"a wrong password: {text.strip()[:160]}")
report = vigil("load", "--source", lake, env=environment(DATABASE_URL=guarded.url))
check(guarded.password.encode() not in report.stdout + report.stderr, "the right one is in no output")
result = vigil("load", "--source", lake, "--database", guarded.url, code=2)
check(b"no place for a password" in result.stderr and guarded.password.encode() not in result.stderr,
      "a password on the command line is refused")
report = vigil("load", "--source", lake, "--database", guarded.url.replace(":" + guarded.password, ""),
               env=environment(PGPASSWORD=guarded.password))
check(report.returncode == 0, "but not a URL without one, with PGPASSWORD")
result = vigil("load", "--source", lake, code=2)
check(b"DATABASE_URL" in result.stderr, "without a URL it says what to set")
text = failed_load("postgresql://vigil@127.0.0.1:1/x", lake)
check("cannot be reached" in text, f"nobody there: {text.strip()[:120]}")
text = failed_load("clickhouse://h/x", lake, code=2)
check("DATABASE_URL" in text, f"another kind: {text.strip()[:120]}")
text = failed_load(server.url.rsplit("/", 1)[0] + "/nothing", lake)
check('database "nothing" does not exist' in text, f"no such database: {text.strip()[:120]}")
server.psql("CREATE ROLE reader LOGIN")
url = new_database()
text = failed_load(url.replace("vigil@", "reader@"), lake)
check("permission denied" in text and "SQLSTATE 42501" in text, f"no right to: {text.strip()[:160]}")

url = new_database()
load(url, lake)
psql(url, "INSERT INTO vigil_schema (version, name, checksum) VALUES (999, '999_future.sql', 'x')")
text = failed_load(url, lake)
check("newer" in text, f"a newer schema: {text.strip()[:160]}")
psql(url, "DELETE FROM vigil_schema WHERE version = 999; UPDATE vigil_schema SET checksum = 'x' WHERE version = 2")
text = failed_load(url, lake)
check("another vigil" in text, f"a step that was changed: {text.strip()[:160]}")
psql(url, "UPDATE vigil_lake.coverage SET layout = 'old'")
checksum = psql(new_database() if False else url, "SELECT 1")
url = new_database()
load(url, lake)
psql(url, "UPDATE vigil_lake.coverage SET layout = 'old'; ALTER TABLE vigil_lake.positions RENAME COLUMN entry TO was_entry")
report = load(url, lake)
check(report["days"] == [] and report["figures"]["rows"] > 0, "tables of figures of another version are made anew")
equal(digest(url), first, "and filled")

dying = start(Postgres())
dying.psql("CREATE DATABASE test")
process = subprocess.Popen(command("load", "--source", lake), env=environment(DATABASE_URL=dying.url), cwd=TMP,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
while process.poll() is None and dying.psql("SELECT count(*) FROM pg_stat_progress_copy", check=False) in ("0", ""):
    time.sleep(0.005)
dying.kill()
_, errors = process.communicate(timeout=60)
check(process.returncode == 1 and (b"connection" in errors or b"shut" in errors), f"the server dies under it: {errors.decode().strip()[:200]}")
dying.restart()
load(dying.url, lake)
equal(digest(dying.url), first, "it comes back, and the load is run again")

print("# stopped on request")
for _ in range(20):  # one that is over before it is seen to copy cannot be stopped
    url = new_database()
    process = subprocess.Popen(command("load", "--source", lake), env=environment(DATABASE_URL=url), cwd=TMP,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while process.poll() is None and psql(url, "SELECT count(*) FROM pg_stat_progress_copy") == "0":
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    if process.returncode != 0:
        break
check(process.returncode == 1 and b"stopped" in errors, f"Ctrl-C: {errors.decode().strip()[:160]}")
load(url, lake)
equal(digest(url), first, "run again, it is whole")

print("# real fills")
vigil("fetch", ROOT / "tests/data/real", "--lake", TMP / "real", code=None)
url = new_database()
report = load(url, TMP / "real")
same_sums(url, TMP / "real", f"the exchange's own records, {report['fills']} fills: exact sums of {len(report['days'])} days")
finish()
