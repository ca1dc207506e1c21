#!/usr/bin/env -S python3 -B
"""sync over a directory: hours that are final, missed days, late and changed hours, a node's growing files, the lock,
staying resident; what it computes equals a computation at once."""

import datetime
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time

from e2e import (TMP, check, command, decoded, environment, equal, finish, hour_files, simulate, tree, vigil,
                 vigil_json, write)

TABLES = ("traders", "trader_daily", "coin_daily", "episodes", "positions", "trader_coins", "classes")


def sync(source, lake, *words, code=0):
    result = vigil("sync", source, "--lake", lake, "--json", *words, code=code)
    return json.loads(result.stdout)


def same_figures(lake, whole, what):
    differ = []
    for table in TABLES:
        statement = f"SELECT * FROM {table} ORDER BY ALL"
        if vigil_json("sql", statement, "--lake", lake)["rows"] != vigil_json("sql", statement, "--lake", whole)["rows"]:
            differ.append(table)
    check(not differ, f"{what}: all figures as computed at once", differ)


market = simulate("market", 60000, 200, days=4, seed=21)
hours = hour_files(market)
whole = TMP / "whole"
vigil("fetch", market, "--lake", whole)
vigil("features", "--lake", whole)
vigil("classify", "--lake", whole)

# Three days come one by one, one of them late, one hour later still.
source, lake = TMP / "source", TMP / "lake"


def publish(files):
    for path in files:
        target = source / path.relative_to(market)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


publish(hours[:24])
report = sync(source, lake, "--start", "2026-05-01")
equal((report["fetched"], report["missing_hours"], report["computed"], report["ok"]), (24, [], True, True), "first day")
publish(hours[48:71])
report = sync(source, lake, code=3)
equal((report["fetched"], len(report["missing_hours"]), report["ok"]), (23, 24, False), "a day is missing: exit 3")
publish(hours[24:40] + hours[41:48])
report = sync(source, lake, code=3)
equal((report["fetched"], report["missing_hours"]), (23, ["2026-05-02T16"]), "a missed day is caught up")
publish([hours[40]] + hours[71:])
report = sync(source, lake)
equal((report["fetched"], report["missing_hours"], report["lake_hours"]), (26, [], 96), "a late hour, and the rest")
equal(tree(lake, ("fills", "blocks")), tree(whole, ("fills", "blocks")), "bit by bit: the same files")
same_figures(lake, whole, "bit by bit")
before = tree(lake, ("features", "fills", "manifest"))
report = sync(source, lake)
equal((report["fetched"], report["unchanged"] > 0, report["computed"]), (0, True, False), "nothing new")
equal(tree(lake, ("features", "fills", "manifest")), before, "... and nothing is touched")

# An hour whose content changes repairs itself and what follows.
changed = source / hours[80].relative_to(market)
lines = decoded(hours[80]).splitlines(keepends=True)
write(changed, b"".join(lines[:len(lines) // 2]))
report = sync(source, lake)
equal((report["replaced"], report["computed"]), (1, True), "a changed hour is taken again")
publish([hours[80]])
sync(source, lake)
same_figures(lake, whole, "changed and changed back")

# Classes that a killed round left out are made up for.
files = json.loads((lake / "features/features.json").read_text())
files["files"] = [f for f in files["files"] if f["table"] != "classes"]
(lake / "features/features.json").write_text(json.dumps(files))
report = sync(source, lake)
equal(report["computed"], True, "a round that was killed before the classes is finished by the next")
same_figures(lake, whole, "finished later")

# Clusters follow by the model of the last run; nothing is fitted.
TABLE = "SELECT user_address, cluster_id, cluster_name, as_of, model_as_of FROM clusters ORDER BY 1"
PROFILES = "SELECT cluster_id, reason, silhouette, archetype, score, centre, k_reason, stability FROM cluster_profiles ORDER BY 1"


def rows(lake, statement):
    return vigil_json("sql", statement, "--lake", lake)["rows"]


shutil.rmtree(source)
labelled, twin = TMP / "labelled", TMP / "twin"
publish(hours[:72])
report = sync(source, labelled, "--start", "2026-05-01")
equal((report["computed"], report["clustered"]), (True, False), "no clusters yet: none are made")
vigil("cluster", "--lake", labelled, "--k", 5)
shutil.copytree(labelled, twin)
model, profiles, labels = (labelled / "features/cluster_model.json").read_bytes(), rows(labelled, PROFILES), rows(labelled, TABLE)
report = sync(source, labelled)
equal((report["computed"], report["clustered"], rows(labelled, TABLE)), (False, False, labels), "nothing new: clusters stay")
publish(hours[72:])
report = sync(source, labelled)
equal((report["computed"], report["clustered"]), (True, True), "new hours: traders are placed anew")
vigil("fetch", market, "--lake", twin)
vigil("features", "--lake", twin)
vigil("cluster", "--lake", twin, "--model", twin / "features/cluster_model.json")
found = rows(labelled, TABLE)
equal(found, rows(twin, TABLE), "... as `vigil cluster --model` places them")
check(found != labels and found[0][3] > labels[0][3] and found[0][4] == labels[0][4], "... later than before, by the same model", (found[0], labels[0]))
equal(rows(labelled, PROFILES), profiles, "... and what the model's own run knew of its clusters is kept")
check(rows(labelled, "SELECT count(*) FROM clusters WHERE map_x IS NOT NULL")[0][0] == rows(labelled, "SELECT count(*) FROM clusters WHERE cluster_id IS NOT NULL")[0][0],
      "... everybody is on the map")
equal((labelled / "features/cluster_model.json").read_bytes(), model, "... which stays")
(labelled / "features/cluster_model.json").write_bytes(model[:100])
write(source / hours[80].relative_to(market), b"".join(lines[:len(lines) // 2]))
report = sync(source, labelled)
check(report["ok"] and report["computed"] and not report["clustered"] and "cluster_model.json" in report["cluster_problem"],
      "a damaged model stops nothing, and is told", report)
equal(rows(labelled, TABLE), found, "... clusters stay as they were")

# The table follows the lake's own model, wherever that was read from, and no other of the same day.
shutil.rmtree(source)
publish(hours[:72])
foreign = TMP / "foreign"
sync(source, foreign, "--start", "2026-05-01")
vigil("cluster", "--lake", foreign, "--k", 5, "--no-map")
shutil.copy(foreign / "features/cluster_model.json", TMP / "five.json")
vigil("cluster", "--lake", foreign, "--k", 7, "--fresh", "--no-map")
shutil.copy(foreign / "features/cluster_model.json", TMP / "seven.json")
vigil("cluster", "--lake", foreign, "--model", TMP / "seven.json", "--no-map")
publish(hours[72:84])
equal(sync(source, foreign)["clustered"], True, "placed by a copy of the lake's own model: followed")
vigil("cluster", "--lake", foreign, "--model", TMP / "five.json", "--no-map")
labels = rows(foreign, TABLE)
equal(json.loads((TMP / "five.json").read_text())["as_of_ns"], json.loads((TMP / "seven.json").read_text())["as_of_ns"], "another model of the same day")
publish(hours[84:])
report = sync(source, foreign)
equal((report["computed"], report["clustered"]), (True, False), "... placed by it: left alone")
equal(rows(foreign, TABLE), labels, "... to the last label")


# Whether clusters have another share of traders than when they were fitted.
def grown(name, fitted, k):
    """Clusters fitted on the first hours; what sync says when the rest comes, and what the tables say."""
    shutil.rmtree(source)
    publish(hours[:fitted])
    sync(source, TMP / name, "--start", "2026-05-01")
    vigil("cluster", "--lake", TMP / name, "--k", k, "--no-map")
    publish(hours[fitted:])
    report = sync(source, TMP / name)
    before = {c["id"]: c["share"] for c in json.loads((TMP / name / "features/cluster_model.json").read_text())["clusters"]}
    now = {i: share for i, share in rows(TMP / name, "SELECT cluster_id, share FROM cluster_profiles")}
    ratios = [float(now[i]) / share for i, share in before.items()]
    equal(report["clusters_changed"], any(r > 1.5 or r < 1 / 1.5 for r in ratios), f"fitted on {fitted} hours, shares are now {', '.join(f'{r:.2f}' for r in ratios)} times what they were")
    return report["clusters_changed"]


equal([grown("last-hour", 95, 3), grown("first-day", 24, 7)], [False, True], "an hour more changes no cluster's share by half, three days more do")

for words in (("--refresh", "--k", 5), ("--refresh", "--fresh"), ("--refresh", "--no-map")):
    vigil("cluster", "--lake", labelled, *words, code=2)
shutil.rmtree(source)
publish(hours)

# Only hours that are final.
now = datetime.datetime.now(datetime.timezone.utc)
today = simulate("today", 40000, 100, date=now.date().isoformat(), seed=22)
report = sync(today, TMP / "final", "--start", now.date().isoformat(), "--lag", "20m", code=None)
open_hour = int((now - datetime.timedelta(minutes=20)).replace(minute=0, second=0, microsecond=0).timestamp()) // 3600
midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) // 3600
later = int((datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20)).timestamp()) // 3600
check(max(open_hour - midnight, 0) <= report["fetched"] <= max(later - midnight, 0),
      f"at {now:%H:%M} UTC {report['fetched']} hours are final", report)

# A node writes its hour file line by line; sync beside it never sees half a line.
node, text = TMP / "node", decoded(hours[0])
growing = node / "node_fills_by_block/hourly/20260501/0"
growing.parent.mkdir(parents=True)
step = len(text) // 5
for size in (step, 2 * step, 2 * step + 7, 3 * step):
    growing.write_bytes(text[:size])
    report = sync(node, TMP / "beside", "--lag", "0s", "--start", "2026-05-01")
    equal((report["quarantined"], report["lake_fills"]),
          (0, sum(len(json.loads(line)["events"]) for line in text[:size].split(b"\n")[:-1])),
          f"{size} bytes written: all whole lines, nothing refused")
growing.write_bytes(text)
sync(node, TMP / "beside", "--lag", "0s")
only = TMP / "only/node_fills_by_block/hourly/20260501/0"
only.parent.mkdir(parents=True)
only.write_bytes(text)
vigil("fetch", TMP / "only", "--lake", TMP / "alone")
equal(tree(TMP / "beside", ("fills", "blocks")), tree(TMP / "alone", ("fills", "blocks")), "written to its end: the same")

# One sync at a time; a lake that cannot be had is said in the heartbeat, too.
with open(lake / ".sync-lock", "a") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    result = vigil("sync", source, "--lake", lake, "--heartbeat", TMP / "hb.json", "--metrics", TMP / "m.prom", code=1)
check(b"another sync" in result.stderr, "a second sync stays away", result.stderr)
beat = json.loads((TMP / "hb.json").read_text())
check(beat["ok"] is False and "another sync" in beat["error"] and "vigil_sync_ok 0" in (TMP / "m.prom").read_text(),
      "... and heartbeat and metrics say so", beat)

# Resident: round after round, new hours as they come, until it is told to stop.
shutil.rmtree(source)
publish(hours[:10])
with subprocess.Popen(command("sync", source, "--lake", TMP / "resident", "--start", "2026-05-01", "--every", "1s",
                              "--json"), env=environment(), cwd=TMP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                      stderr=subprocess.PIPE) as process:
    first = json.loads(process.stdout.readline())
    publish(hours[10:12])
    fetched, end = 0, time.monotonic() + 30
    while fetched < 2 and time.monotonic() < end:
        fetched += json.loads(process.stdout.readline())["fetched"]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
equal((first["fetched"], fetched, process.returncode), (10, 2, 0), "resident: takes hours as they come, stops when told")

for words, said in ((["--every", "0h"], "--every"), (["--every", "soon"], "--every"), (["--lag", "x"], "--lag"),
                    (["--start", "2026-13-01"], "2026-13-01")):
    result = vigil("sync", source, "--lake", TMP / "no", *words, code=2)
    check(said.encode() in result.stderr, f"sync {' '.join(words)}: wrong usage", result.stderr)
result = vigil("sync", TMP / "nowhere", "--lake", TMP / "no", code=1)
check(b"nowhere" in result.stderr, "a source that is not there", result.stderr)
os.chdir("/")
finish()
