#!/usr/bin/env -S python3 -B
"""The stores agree: the same questions to the lake and to PostgreSQL (TimescaleDB, where it is) give the same values as
exact texts, in the same order; and these are what other readers find: DuckDB's own SQL over the lake, psql's own text."""

import decimal
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

from e2e import TMP, at_end, check, environment, equal, finish, simulate, sql, start, vigil, vigil_json
from postgres import Postgres

TOOL = os.path.abspath(sys.argv[3])
dice = random.Random(5)
OK, EIO, EUSAGE, ESTATE, ELIMIT = 0, 1, 4, 5, 3
if os.environ.get("VIGIL_TEST_TIMESCALE_BINDIR"):
    print("with TimescaleDB")
else:
    print("skipped: TimescaleDB (VIGIL_TEST_TIMESCALE_BINDIR names no folder with it)")


class Store:
    """A process that answers questions about one store."""

    def __init__(self, lake, url=None):
        extra = {"DATABASE_URL": url} if url else {}
        env = {k: v for k, v in environment(**extra).items() if url or k != "DATABASE_URL"}
        self.process = subprocess.Popen([TOOL, str(lake)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, cwd=TMP)
        at_end(self.close)

    def ask(self, what, **question):
        self.process.stdin.write(json.dumps({"ask": what, **question}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "the tool ended", "code": -1}

    def rows(self, table, **question):
        answer = self.ask("rows", table=table, **question)
        return answer.get("rows", answer.get("error"))

    def close(self):
        if self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=20)
            self.process.stdout.close()
            self.process.stdin = None
        return self.process.returncode


# A lake with everything: two days, TWAPs, liquidations, spot; figures, classes, clusters.
market = simulate("market", 16000, 150, seed=11, days=2)
lake = TMP / "lake"
vigil("fetch", market, "--lake", lake)
vigil("features", "--lake", lake, code=None)
vigil("classify", "--lake", lake, code=None)
vigil("cluster", "--k", 2, "--lake", lake)
database = start(Postgres())
vigil("load", "--source", lake, env=environment(DATABASE_URL=database.url))
embedded, postgres = Store(lake), Store(lake, database.url)

# The columns, as the lake's own files name and type them.
TABLES = {}
for table in ("traders", "trader_daily", "coin_daily", "episodes", "positions", "trader_coins", "classes", "clusters", "cluster_profiles", "fills"):
    TABLES[table] = [(row[0], row[1]) for row in sql(lake, f"DESCRIBE {table}")]
KEYS = {"traders": ["user_address"], "trader_daily": ["date", "user_address"], "coin_daily": ["date", "coin"],
        "episodes": ["user_address", "coin", "open_time", "close_time", "side"], "positions": ["user_address", "coin"],
        "trader_coins": ["user_address", "coin"],
        "classes": ["user_address", "profile"], "clusters": ["user_address"], "cluster_profiles": ["cluster_id"],
        "fills": ["block_number", "event_index"]}


def names(table):
    return [name for name, _ in TABLES[table]]


def both(what, table, **question):
    """The rows, when both stores give the same."""
    a, b = embedded.rows(table, **question), postgres.rows(table, **question)
    if a != b:
        wrong = next(((x, y) for x, y in zip(a, b) if x != y), (len(a), len(b))) if isinstance(a, list) else (a, b)
        check(False, f"{what}: {table} {json.dumps(question)[:300]}", f"embedded {wrong[0]}\npostgres {wrong[1]}")
        return []
    return a


def in_order(table, direction="asc"):
    return [[key, direction] for key in KEYS[table]]


print("# every value of every table")
whole = {}
for table in TABLES:
    rows = both("all rows", table, keys=in_order(table))
    whole[table] = rows or []
    count = sql(lake, f"SELECT count(*) FROM {table}")[0][0]
    equal(len(whole[table]), int(count), f"{table}: as many rows as the lake has, the same in both stores")
    check(len({json.dumps([row[names(table).index(k)] for k in KEYS[table]]) for row in whole[table]}) == len(rows),
          f"{table}: the key is one")

print("# the same as other readers see")


def plain(text):
    """A decimal without the zeros that only one of the writers adds."""
    if text is None:
        return None
    return format(decimal.Decimal(text).normalize(), "f")


def number(text):
    return None if text is None else float(text)


EXACT = {"fills": ["price", "size", "start_position", "closed_pnl", "fee", "builder_fee", "liquidation_mark_price"],
         "traders": ["volume", "net_pnl", "max_drawdown", "gross_loss"],
         "trader_daily": ["volume", "cumulative_net_pnl"], "coin_daily": ["open", "close", "volume"],
         "episodes": ["max_size", "net_pnl"], "positions": ["position", "last_price"],
         "trader_coins": ["volume", "net_pnl"]}
WHERE = {"fills": "fills", **{t: f"vigil_lake.{t}" for t in TABLES if t != "fills"}}
for table, columns in EXACT.items():
    order = ", ".join(KEYS[table])
    quoted = ", ".join(f'"{c}"' for c in columns)
    duck = sql(lake, f"SELECT {quoted} FROM {table} ORDER BY {order}")
    text = ", ".join(f'"{c}"::TEXT' for c in columns)
    order = ", ".join(f'"{key}"' for key in KEYS[table])
    server = database.psql(f"COPY (SELECT {text} FROM {WHERE[table]} ORDER BY {order}) TO STDOUT")
    server = [[None if v == "\\N" else v for v in line.split("\t")] for line in server.splitlines()]
    ours = [[row[names(table).index(c)] for c in columns] for row in whole[table]]
    same = [[plain(v) for v in row] for row in ours]
    equal(same == [[plain(v) for v in row] for row in duck], True, f"{table}: exact decimals are those of DuckDB's text")
    equal(same == [[plain(v) for v in row] for row in server], True, f"{table}: and those of psql's text")
times = database.psql("SELECT sum(extract(epoch FROM time) * 1000000)::NUMERIC(40,0), sum(block_time_ns), "
                      "sum((extract(epoch FROM block_time) * 1000000)::NUMERIC - block_time_ns / 1000) FROM fills")
at = names("fills").index
expected = [sum(int(row[at("time")]) for row in whole["fills"]), sum(int(row[at("block_time")]) for row in whole["fills"]), 0]
equal([int(decimal.Decimal(v)) for v in times.split("|")], expected, "times of fills: to the nanosecond, and as TIMESTAMPTZ")
doubles = database.psql("SET extra_float_digits = 3; COPY (SELECT sharpe_ratio, win_rate FROM vigil_lake.traders ORDER BY "
                        "user_address) TO STDOUT").splitlines()
doubles = [[None if v == "\\N" else float(v) for v in line.split("\t")] for line in doubles]
at = names("traders").index
equal([[number(row[at("sharpe_ratio")]), number(row[at("win_rate")])] for row in whole["traders"]], doubles,
      "doubles: the same bits as psql's")

print("# filters and ranges")


def matches(table, row, filters):
    for column, comparison, wanted in filters:
        kind = dict(TABLES[table])[column]
        value = row[names(table).index(column)]
        if value is None or wanted is None:
            return False
        text = kind in ("VARCHAR", "BOOLEAN")
        a, b = (value.encode(), wanted.encode()) if text else (decimal.Decimal(value), decimal.Decimal(wanted))
        if not {"=": a == b, ">=": a >= b, "<=": a <= b}[comparison]:
            return False
    return True


asked = 0
wrong = 0
for table in TABLES:
    for column in names(table):
        values = [row[names(table).index(column)] for row in whole[table]]
        values = [v for v in values if v is not None]
        for comparison in ("=", ">=", "<="):
            if not values:
                continue
            filters = [[column, comparison, dice.choice(values)]]
            if dice.random() < 0.3:
                second = dice.choice(names(table))
                more = [row[names(table).index(second)] for row in whole[table]]
                more = [v for v in more if v is not None]
                if more:
                    filters.append([second, dice.choice([">=", "<="]), dice.choice(more)])
            rows = both("filters", table, filters=filters, keys=in_order(table))
            asked += 1
            wrong += rows != [row for row in whole[table] if matches(table, row, filters)]
equal(wrong, 0, f"{asked} filters on every column of every table: both stores, and what Python chooses from all rows")
for table in ("traders", "fills"):
    equal(both("NULL", table, filters=[["user_address", "=", None]]), [], f"{table}: nothing equals NULL")
hostile = ["' OR 1=1 --", "'; DROP TABLE fills; --", "\\", '"', "$1", "%", "\U0001f600", "x" * 5000, "", "\u00e9"]
questions = [[["coin", comparison, text]] for text in hostile for comparison in ("=", ">=")]
wrong = sum(both("hostile", "fills", filters=filters, keys=in_order("fills")) !=
            [row for row in whole["fills"] if matches("fills", row, filters)] for filters in questions)
equal(wrong, 0, "texts of SQL are texts: quotes, comments, parameters, long ones, other alphabets")
equal(database.psql("SELECT count(*) FROM fills"), str(len(whole["fills"])), "and no table is gone")
equal([s.ask("rows", table="fills", filters=[["coin", "=", "a\0b"]]).get("code") for s in (embedded, postgres)],
      [EUSAGE, EUSAGE], "a text with a zero byte is refused by both")
extremes = [["price", "<=", "99999999999999999999.9999999999"], ["price", ">=", "-99999999999999999999.9999999999"],
            ["size", ">=", "0.0000000001"], ["order_id", ">=", "-9223372036854775808"], ["time", "<=", "4000000000000000"]]
equal(len(both("extremes", "fills", filters=extremes, keys=in_order("fills")) or []), len(whole["fills"]), "the largest and smallest numbers bind")

print("# order and cursors")


def sort_value(table, column, value, descending):
    """As the stores order: bytes of texts, numbers, NULL last."""
    if value is None:
        return (1, 0)
    kind = dict(TABLES[table])[column]
    if kind in ("VARCHAR", "BOOLEAN"):
        value = value.encode()
        return (0, bytes(255 - b for b in value) + b"\xff" if descending else value)
    number = decimal.Decimal(value)
    return (0, -number if descending else number)


def ordered(table, keys):
    def key(row):
        return [sort_value(table, k[0], row[names(table).index(k[0])], k[1] == "desc") for k in keys]
    return sorted(whole[table], key=key)


asked = wrong = paged = 0
for table in TABLES:
    for column in names(table):
        for direction in ("asc", "desc"):
            keys = [[column, direction]] + [[k, dice.choice(["asc", "desc"])] for k in KEYS[table] if k != column]
            keys = keys[:5]
            if set(KEYS[table]) - {k[0] for k in keys}:
                continue  # not a whole order any more
            expected = ordered(table, keys)
            limit = dice.choice([1, 7, 100, 1000])
            rows = both("order", table, keys=keys, limit=limit)
            asked += 1
            wrong += rows != expected[:limit]
            place = dice.randrange(len(expected))
            after = [[*k, expected[place][names(table).index(k[0])]] for k in keys]
            rows = both("cursor", table, keys=after, limit=limit)
            wrong += rows != expected[place + 1:place + 1 + limit]
            paged += 1
equal(wrong, 0, f"{asked} orders by every column of every table, both ways, NULL last, and {paged} cursors in the middle")
for table, keys in (("fills", [["time", "desc"], ["block_number", "desc"], ["event_index", "desc"]]),
                    ("traders", [["sharpe_ratio", "desc"], ["user_address", "asc"]])):
    expected, found, cursor = ordered(table, keys), [], keys
    size = len(expected) // 7 + 1
    while True:
        rows = both("pages", table, keys=cursor, limit=size)
        if not rows:
            break
        found += rows
        cursor = [[*k, rows[-1][names(table).index(k[0])]] for k in keys]
    equal(found == expected, True, f"{table}: pages to the end are the whole, {len(expected)} rows in pages of {size}")
user = max(set(row[names("fills").index("user_address")] for row in whole["fills"]),
           key=[row[names("fills").index("user_address")] for row in whole["fills"]].count)
keys = [["time", "desc"], ["block_number", "desc"], ["event_index", "desc"]]
mine = [row for row in ordered("fills", keys) if row[names("fills").index("user_address")] == user]
wrong = 0
for limit in (1, 10, 100, len(mine), len(mine) + 5):
    for extra in ([], [["side", "=", "B"]], [["coin", "=", mine[0][names("fills").index("coin")]]],
                  [["time", "<=", mine[len(mine) // 2][0]]], [["time", ">=", mine[len(mine) // 3][0]]]):
        filters = [["user_address", "=", user]] + extra
        expected = [row for row in mine if matches("fills", row, filters)][:limit]
        wrong += both("recent", "fills", filters=filters, keys=keys, limit=limit) != expected
        up = [[k, "asc"] for k, _ in keys]
        expected = [row for row in reversed(mine) if matches("fills", row, filters)][:limit]
        wrong += both("oldest", "fills", filters=filters, keys=up, limit=limit) != expected
equal(wrong, 0, "the first fills of a trader, newest or oldest first, with further filters: as chosen from all of them")
# The quick look of the embedded store: one trader, by block and event.


def place_of(row):
    return [int(row[names("fills").index(column)]) for column in ("block_number", "event_index")]


wrong = asked = 0
counts = {}
for row in whole["fills"]:
    counts[row[names("fills").index("user_address")]] = counts.get(row[names("fills").index("user_address")], 0) + 1
chosen = sorted(counts, key=counts.get)
chosen = chosen[:3] + chosen[len(chosen) // 2:][:2] + chosen[-3:] + ["0x" + "0" * 40, "0x" + "f" * 40, "x", ""]
for direction in ("asc", "desc"):
    all_ordered = ordered("fills", [["block_number", direction], ["event_index", direction]])
    for who in chosen:
        mine = [row for row in all_ordered if row[names("fills").index("user_address")] == who]
        middle = mine[len(mine) // 2] if mine else whole["fills"][0]
        value = {column: middle[names("fills").index(column)] for column in names("fills")}
        for extra in ([], [["side", "=", "B"]], [["coin", "=", value["coin"]]], [["time", "<=", value["time"]]],
                      [["time", ">=", value["time"]]], [["price", ">=", value["price"]]], [["fee", "<=", "0.5"]],
                      [["crossed", "=", "true"]], [["user_address", "<=", who]], [["coin", "=", None]], [["builder", ">=", ""]]):
            for resumes in (False, True):
                filters = [["user_address", "=", who]] + extra
                expected = [row for row in mine if matches("fills", row, filters)]
                keys = [["block_number", direction], ["event_index", direction]]
                if resumes:
                    keys = [[*key, value[key[0]]] for key in keys]
                    place = [int(value["block_number"]), int(value["event_index"])]
                    expected = [row for row in expected if (place < place_of(row) if direction == "asc" else place > place_of(row))]
                for limit in (1, 20, 2000):
                    rows = both("one trader", "fills", filters=filters, keys=keys, limit=limit)
                    wrong += rows != expected[:limit]
                    asked += 1
equal(wrong, 0, f"one trader's fills by block and event, newest or oldest first, {asked} questions: as chosen from all of them")
at_same = [["profile", "asc", "vigil"]]
expected = ordered("classes", [["profile", "asc"], ["user_address", "asc"]])
equal(both("ties", "classes", keys=[["profile", "asc"]], limit=10), expected[:10], "what has the same key is in the order of the table's own")
at = names("classes").index("profile")
equal(both("given", "classes", keys=at_same, given=5, limit=20), [row for row in expected if row[at] >= "vigil"][5:25],
      "a key that rows share: goes on at it, without those that were given")

print("# what cannot be asked")
for question in ({"table": "nothing"}, {"table": "traders", "filters": [["nothing", "=", "1"]]},
                 {"table": "traders", "keys": [["nothing", "asc"]]}):
    equal([s.ask("rows", **question).get("code") for s in (embedded, postgres)], [EUSAGE, EUSAGE], f"refused: {question}")
a, b = (s.ask("rows", table="fills", timeout_ms=1, keys=[["price", "asc"]], quiet=True) for s in (embedded, postgres))
check(all(x.get("code") in (ELIMIT, None) for x in (a, b)) and ELIMIT in (a.get("code"), b.get("code")),
      "a question that takes too long ends with an error that says so", f"{a} {b}")
equal(both("afterwards", "traders", filters=[["user_address", "=", user]]) is not None, True, "and the next one is answered")

print("# coverage")
a, b = embedded.ask("coverage"), postgres.ask("coverage")
version = b["version"]
equal({k: v for k, v in a.items() if k != "version"}, {k: v for k, v in b.items() if k != "version"},
      f"both say the same of what the data rests on: {a}")
check(a["complete"] and a["fills"] == len(whole["fills"]), "it is complete")
vigil("load", "--source", lake, env=environment(DATABASE_URL=database.url))
equal(postgres.ask("coverage")["version"], version, "a load with nothing new keeps the version")
equal([s.ask("ping").get("ok") for s in (embedded, postgres)], [True, True], "both answer a ping")
equal(postgres.ask("name")["name"], database.url, "the database's name")

print("# jobs publish meanwhile")
stop = threading.Event()
troubles = []
versions = [set(), set()]
counts = [set(), set()]


def watch(i, url):
    store = Store(lake, url)
    while not stop.is_set():
        answer = store.ask("rows", table="traders", quiet=True)
        if "error" in answer:
            troubles.append(answer["error"])
            continue
        versions[i].add(answer["coverage"]["version"])
        counts[i].add((answer["coverage"]["version"], answer["n"]))
        days = store.ask("rows", table="trader_daily", quiet=True)
        if "error" in days:
            troubles.append(days["error"])
    store.close()


watchers = [threading.Thread(target=watch, args=(i, url)) for i, url in enumerate((None, database.url))]
for watcher in watchers:
    watcher.start()
for i in range(6):
    words = ["--end", "2026-05-01"] if i % 2 == 0 else []
    vigil("features", "--lake", lake, "--full", *words, code=None)
    vigil("classify", "--lake", lake, code=None)
    vigil("load", "--source", lake, env=environment(DATABASE_URL=database.url))
stop.set()
for watcher in watchers:
    watcher.join()
equal(troubles, [], "no question failed while jobs published")
check(all(len(v) >= 3 for v in versions), f"different versions were seen: {[len(v) for v in versions]}")
check(all(len(c) == len(v) for c, v in zip(counts, versions)), "one version, one number of traders", counts)
for table in TABLES:
    both("after publishing", table, keys=in_order(table))

print("# the database goes and comes back")
database.kill()
answer = postgres.ask("rows", table="traders", limit=1)
equal(answer.get("code"), EIO, f"gone: {answer.get('error', answer)[:120]}")
equal(postgres.ask("ping").get("code"), EIO, "and the ping says so, too")
database.restart()
check(len(postgres.rows("traders", limit=3)) == 3, "back: the same store answers")
database.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vigil'")
check(len(postgres.rows("traders", limit=3)) == 3, "a connection that died while it was idle is replaced unseen")

print("# databases that are not ours")
empty = Store(lake, database.url.rsplit("/", 1)[0] + "/template1")
answer = empty.ask("ping")
check(answer.get("code") == ESTATE and "vigil load" in answer["error"], f"an empty one: {answer.get('error')}")
database.psql("INSERT INTO vigil_schema (version, name, checksum) VALUES (999, '999_future.sql', 'x')")
newer = Store(lake, database.url)
answer = newer.ask("ping")
check(answer.get("code") == ESTATE and "newer" in answer["error"], f"a newer one: {answer.get('error')}")
for url in ("clickhouse://localhost/x", "mysql://localhost/x", "postgresql://u:p@ss@localhost/x", "postgresql://u:top/secret@h/x"):
    result = subprocess.run([TOOL, str(lake)], env=environment(DATABASE_URL=url), capture_output=True, text=True)
    check(result.returncode == 1 and "DATABASE_URL" in result.stderr and "ss@" not in result.stderr
          and "secret" not in result.stderr, f"refused, without its password: {result.stderr.strip()[:150]}")
equal([s.close() for s in (embedded, postgres, empty, newer)], [0, 0, 0, 0], "all end well")
finish()
