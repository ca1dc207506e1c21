#!/usr/bin/env -S python3 -B
"""Features computed in pieces, by shards, over compacted days, after kills and repairs: always the same bits."""

import json
import random
import shutil
import signal
import subprocess
import time

from e2e import TMP, check, command, environment, equal, finish, hour_files, simulate, sql, vigil, vigil_json, write, decoded

TABLES = {"traders": "user_address", "trader_daily": "date, user_address", "coin_daily": "date, coin",
          "episodes": "user_address, close_time, coin, open_time, net_pnl, fills", "positions": "user_address, coin",
          "trader_coins": "user_address, coin"}


def tables(lake):
    return {t: vigil("sql", f"SELECT * FROM {t} ORDER BY {key}", "--csv", "--lake", lake).stdout.splitlines() for t, key in TABLES.items()}


def same(found, expected, what):
    for table in TABLES:
        a, b = found[table], expected[table]
        differ = [(x, y) for x, y in zip(a, b) if x != y]
        check(a == b, f"{what}: {table}, {len(b) - 1} rows", f"{len(a)} rows, {len(differ)} differ; the first:\n{differ[:1]}")


hours = hour_files(simulate("market", "60k", 250, days=3, seed=31))
equal(len(hours), 72, "three days of hours")


def lake_of(name, files):
    lake = TMP / name
    shutil.rmtree(lake, ignore_errors=True)
    vigil("fetch", *files, "--lake", lake)
    return lake


whole = lake_of("whole", hours)
report = vigil_json("features", "--lake", whole)
fills = report["fills"]
equal((report["fills_read"], report["days_written"]), (fills, 3), f"all {fills} fills at once, three days")
expected = tables(whole)
check(all(len(rows) > 20 for rows in expected.values()), "every table has rows")
equal(vigil_json("features", "--lake", whole, code=3)["up_to_date"], True, "nothing new: exit 3")
vigil("features", "--full", "--lake", whole)
same(tables(whole), expected, "computed again from the first fill")

# Hour after hour, and in uneven pieces.
for name, cuts in (("hourly", list(range(40, 72))), ("uneven", [1, 2, 23, 24, 25, 47, 50, 71])):
    lake, last, reads = lake_of(name, hours[: cuts[0]]), cuts[0], []
    vigil("features", "--lake", lake)
    for cut in [*cuts[1:], 72]:
        vigil("fetch", *hours[last:cut], "--lake", lake)
        reads.append(vigil_json("features", "--lake", lake)["fills_read"])
        last = cut
    same(tables(lake), expected, name)
    if name == "hourly":
        check(max(reads) < fills / 72 * 4, "an hour more reads the fills of that hour", reads)

# Late, repaired and lost hours.
lake = lake_of("late", [h for i, h in enumerate(hours) if i not in (30, 65)])
vigil("features", "--lake", lake)
vigil("fetch", hours[65], "--lake", lake)
check(vigil_json("features", "--lake", lake)["fills_read"] < fills / 2, "a late hour of the last day: that day is read again")
vigil("fetch", hours[30], "--lake", lake)
vigil("features", "--lake", lake)
same(tables(lake), expected, "with two late hours")
changed = write(TMP / "changed" / hours[50].parent.name / hours[50].name, decoded(hours[50])[: len(decoded(hours[50])) // 2].rsplit(b"\n", 1)[0] + b"\n")
lake = lake_of("repaired", [*hours[:50], changed, *hours[51:]])
vigil("features", "--lake", lake)
check(tables(lake)["traders"] != expected["traders"], "half an hour less gives other figures")
vigil("fetch", hours[50], "--replace", "--lake", lake)
vigil("features", "--lake", lake)
same(tables(lake), expected, "with the hour repaired")

# Compacted days.
lake = lake_of("compacted", hours)
vigil("compact", "--lake", lake)
vigil("features", "--lake", lake)
same(tables(lake), expected, "over compacted days")
lake = lake_of("half-compacted", hours[:60])
vigil("features", "--lake", lake)
vigil("compact", "--lake", lake)
vigil("fetch", *hours[60:], "--lake", lake)
vigil("features", "--lake", lake)
same(tables(lake), expected, "compacted between two runs")

# Shards: every trader is in one, with the same figures.
parts = []
for shard in range(3):
    vigil("features", "--shard", f"{shard}/3", "--lake", lake)
    parts.append(tables(lake))
    coverage = vigil_json("leaderboard", "--lake", lake)["coverage"]
    equal(coverage["complete"], False, f"shard {shard} of 3 says that it is not everybody")
for table in ("traders", "trader_daily", "episodes", "positions", "trader_coins"):
    union = [row for part in parts for row in part[table][1:]]
    equal((sorted(union), min(len(p[table]) > 1 for p in parts)), (sorted(expected[table][1:]), True), f"shards together: {table}")
vigil("features", "--lake", lake)
same(tables(lake), expected, "without shards again")

# Windows.
lake = lake_of("day", [h for h in hours if h.parent.name == hours[30].parent.name])
vigil("features", "--lake", lake)
day = f"{hours[30].parent.name[:4]}-{hours[30].parent.name[4:6]}-{hours[30].parent.name[6:]}"
alone = tables(lake)
vigil("features", "--date", day, "--lake", whole)
found = tables(whole)
for table in TABLES:
    equal(found[table], alone[table], f"--date {day}: {table} as of a lake of that day alone")
vigil("features", "--lake", whole)
same(tables(whole), expected, "the whole window again")
check(b"no fills in these days" in vigil("features", "--date", "2020-01-01", "--lake", whole, code=1).stderr, "a window without fills is refused")

# Of another version.
record = whole / "features/features.json"
text = record.read_text()
check('"version": 2,' in text, "the record says its version")
vigil("classify", "--lake", whole)
vigil("cluster", "--no-map", "--lake", whole)
LABELS = {table: sql(whole, f"SELECT * FROM {table} ORDER BY ALL") for table in ("classes", "clusters", "cluster_profiles")}
check(all(LABELS.values()), "there are labels")
text = record.read_text()
generation = json.loads(text)["generation"]
record.write_text(text.replace('"version": 2,', '"version": 1,'))
for command_words in (("leaderboard",), ("classify",), ("sql", "SELECT * FROM traders")):
    check(b"vigil features" in vigil(*command_words, "--lake", whole, code=1).stderr, f"{command_words[0]}: tables of an older vigil are not read, and it says what helps")
vigil("features", "--lake", whole)
same(tables(whole), expected, "tables of an older vigil are made anew")
for table, rows in LABELS.items():
    equal(sql(whole, f"SELECT * FROM {table} ORDER BY ALL"), rows, f"{table} are kept")
check(json.loads(record.read_text())["generation"] > generation, "in files of their own: readers of the old ones are not disturbed")
newer = record.read_text().replace('"version": 2,', '"version": 99,')
record.write_text(newer)
check(b"newer" in vigil("features", "--lake", whole, code=1).stderr, "those of a newer one are left alone")
equal(record.read_text(), newer, "as they are")
vigil("features", "--full", "--lake", whole)
same(tables(whole), expected, "unless they are to be made anew")

# Killed, damaged.
lake = lake_of("killed", hours[:50])
vigil("features", "--lake", lake)
vigil("fetch", *hours[50:], "--lake", lake)
random.seed(5)
before = tables(lake)
for _ in range(12):
    process = subprocess.Popen(command("features", "--full", "--lake", lake), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0.005, 0.15))
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = tables(lake)
    if found["traders"] not in (before["traders"], expected["traders"]):
        check(False, "a killed run leaves the old tables or the new ones")
vigil("features", "--full", "--lake", lake)
same(tables(lake), expected, "after twelve kills")
foreign = [write(lake / "features" / name, b"mine") for name in ("notes.txt", "traders/part-of-my-work.csv")]
vigil("features", "--full", "--lake", lake)
check(all(f.read_bytes() == b"mine" for f in foreign), "files that are not ours stay")
for f in foreign:
    f.unlink()
record = json.loads((lake / "features/features.json").read_text())
there = {str(p.relative_to(lake)) for p in (lake / "features").rglob("*") if p.is_file()}
equal(there, {f["path"] for f in record["files"]} | {"features/features.json"}, "no file that the record does not name")
lake = lake_of("damaged", hours[:70])
vigil("features", "--lake", lake)
for state in (lake / "features/state").iterdir():
    state.write_bytes(state.read_bytes()[:-7])
vigil("fetch", *hours[70:], "--lake", lake)
equal(vigil_json("features", "--lake", lake)["fills_read"], fills, "damaged checkpoints are not used")
same(tables(lake), expected, "... and cost time only")
(lake / "features/features.json").write_text("{")
check(b"--full" in vigil("features", "--lake", lake, code=1).stderr, "a damaged record: told what to do")
vigil("features", "--full", "--lake", lake)
same(tables(lake), expected, "... which works")
finish()
