#!/usr/bin/env -S python3 -B
"""A week of a market from one bucket into a lake in another, through TLS, with signatures checked and the reader
paying: backfill, verify, sync of further hours; the result is that of files on disk, to the last byte."""

import json
import time

from e2e import TMP, check, equal, finish, hour_files, simulate, tree, vigil, vigil_json
from s3_world import LAKES, SOURCE, World, download, keys, start_server, unfinished, upload

PARTS = ("fills", "blocks", "quarantine")
LAKE = f"s3://{LAKES}/teams/one/lake"
FROM, TO = "2026-05-01", "2026-05-07"

server = start_server()
bucket = server.client()
market = simulate("market", 140000, 300, days=7, seed=11)
hours = hour_files(market)
late = hours[-2:]
upload(bucket, market, hours[:-2])
vigil("fetch", market, "--lake", TMP / "disk")
world = World(server, server.payer_https)

# A dry run lists, and reads nothing.
plan = json.loads(world.vigil("backfill", "--start", FROM, "--end", TO, "--lake", LAKE, "--dry-run", "--json", code=3).stdout)
equal(plan["planned"], len(hours) - 2, "a dry run names every hour that would be fetched")
equal(sum(o["size"] for o in plan["objects"]), sum(p.stat().st_size for p in hours[:-2]), "... with its size")
equal(plan["s3"]["requests"] <= 3, True, "... and asks for no more than the listing, and whether there is a lake")
check(not keys(bucket, LAKES), "... and writes nothing")
text = world.vigil("backfill", "--start", FROM, "--end", TO, "--lake", LAKE, "--dry-run", code=3).stdout.decode()
check("USD" in text and "166 objects would be fetched" in text, "... and says the price", text[-300:])

# Backfill, then a look at the lake by another client.
report = json.loads(world.vigil("backfill", "--start", FROM, "--end", TO, "--lake", LAKE, "--json", code=3).stdout)
equal((report["fetched"], report["absent_hours"], report["failed"]), (166, 2, 0), "backfill: all hours but the two")
check(report["s3"]["retries"] == 0 and report["s3"]["bytes_in"] > 0, "... with a budget", report["s3"])
found = {k: v for k, v in tree(download(bucket, "teams/one/lake/", TMP / "seen"), PARTS).items()}
wanted = {k: v for k, v in tree(TMP / "disk", PARTS).items() if not any(late_stem in k for late_stem in (
    "20260507-22", "20260507-23"))}
equal(found, wanted, f"the bucket has the {len(wanted)} files that a lake on disk has, byte for byte")
check(not unfinished(bucket), "no unfinished upload is left")
check(".lock" not in str(list(keys(bucket, LAKES))), "the writer's lease was given back")

# From another machine (no mirror): verify.
world.forget_mirror()
verdict = json.loads(world.vigil("verify", "--lake", LAKE, "--json").stdout)
check(verdict["clean"] and verdict["fills"] == report["fills"], "verify from a new machine: everything is in order")

# Two more hours: sync takes just these.
upload(bucket, market, late)
started = time.time()
heartbeat, metrics = TMP / "heartbeat.json", TMP / "vigil.prom"
synced = json.loads(world.vigil("sync", "--start", FROM, "--lake", LAKE, "--json", "--heartbeat", heartbeat, "--metrics",
                                metrics).stdout)
equal((synced["ok"], synced["fetched"], synced["missing_hours"], synced["computed"]), (True, 2, [], True),
      "sync: the two new hours, and figures")
equal(json.loads(heartbeat.read_text()), synced, "the heartbeat says the same")
figures = dict(line.split() for line in metrics.read_text().splitlines() if not line.startswith("#"))
check(figures["vigil_sync_ok"] == "1" and int(figures["vigil_lake_fills"]) == synced["lake_fills"] and
      float(figures["vigil_sync_finished_timestamp_seconds"]) >= started - 1, "metrics for Prometheus", figures)
found = tree(download(bucket, "teams/one/lake/", TMP / "seen"), PARTS)
equal(found, tree(TMP / "disk", PARTS), "the lake in the bucket is the lake on disk")

vigil("features", "--lake", TMP / "disk")
vigil("classify", "--lake", TMP / "disk")
for table in ("traders", "trader_daily", "coin_daily", "episodes", "positions", "trader_coins", "classes"):
    statement = f"SELECT * FROM {table} ORDER BY ALL"
    there = json.loads(world.vigil("sql", statement, "--lake", LAKE, "--json").stdout)["rows"]
    here = vigil_json("sql", statement, "--lake", TMP / "disk")["rows"]
    check(there == here and len(here) > 0, f"{table}: {len(here)} rows, the same as on disk")

again = json.loads(world.vigil("sync", "--lake", LAKE, "--json").stdout)
equal((again["fetched"], again["replaced"], again["computed"]), (0, 0, False), "sync again: nothing to do")

# An object that changes repairs its hour.
other = simulate("other", 140000, 300, days=7, seed=12)
bucket.put_object(Bucket=SOURCE, Key=str(hours[-1].relative_to(market)), Body=hour_files(other)[-1].read_bytes())
repaired = json.loads(world.vigil("sync", "--lake", LAKE, "--json").stdout)
equal((repaired["fetched"], repaired["replaced"]), (0, 1), "an hour that changed at the source is taken again")

# compact, then everything still in order; old parts are gone from the bucket.
world.vigil("compact", "--lake", LAKE)
left = [k for k in keys(bucket, LAKES) if "/fills/" in k]
equal(len(left), 7, "compact leaves one part a day in the bucket")
verdict = json.loads(world.vigil("verify", "--lake", LAKE, "--json").stdout)
equal(verdict["fills"], repaired["lake_fills"], "... with all rows")

# One writer at a time, machines apart.
lease = {"host": "elsewhere", "process": 7, "until": int(time.time()) + 500, "nonce": 1}
bucket.put_object(Bucket=LAKES, Key="teams/one/lake/.lock", Body=json.dumps(lease).encode())
refused = world.vigil("fetch", "--date", FROM, "--lake", LAKE, code=1).stderr.decode()
check("elsewhere" in refused and "writing to this lake" in refused, "another machine's lease is respected", refused)
world.vigil("leaderboard", "--lake", LAKE)
lease["until"] = int(time.time()) - 1
bucket.put_object(Bucket=LAKES, Key="teams/one/lake/.lock", Body=json.dumps(lease).encode())
world.vigil("fetch", "--date", FROM, "--lake", LAKE, code=3)
check("teams/one/lake/.lock" not in keys(bucket, LAKES), "... and taken over when it has ended")

# Places that are no lakes.
bucket.put_object(Bucket=LAKES, Key="notes/a.txt", Body=b"mine")
said = world.vigil("fetch", market, "--lake", f"s3://{LAKES}/notes", code=1).stderr.decode()
check("other files" in said, "a prefix with other files is never written to", said)
equal([k for k in keys(bucket, LAKES) if k.startswith("notes/")], ["notes/a.txt"], "... and stays as it was")
said = world.vigil("verify", "--lake", f"s3://{LAKES}/nothing", code=1).stderr.decode()
check("no lake here" in said, "no lake: clear words", said)

# The mirror keeps what fits.
small = World(server, server.payer_https, "small", VIGIL_MIRROR_BYTES=2000000)
small.vigil("verify", "--lake", LAKE, code=None)
kept = sum(p.stat().st_size for p in small.mirror.rglob("*.parquet"))
largest = max(p.stat().st_size for p in small.mirror.rglob("*.parquet"))
check(kept <= 2000000 + 250000 + largest, f"a mirror of 2 MB holds {kept} bytes of parts")

# A damaged part is noticed, and named.
part = sorted(k for k in keys(bucket, LAKES) if "/fills/" in k)[3]
body = bytearray(bucket.get_object(Bucket=LAKES, Key=part)["Body"].read())
body[len(body) // 2] ^= 1
bucket.put_object(Bucket=LAKES, Key=part, Body=bytes(body))
world.forget_mirror()
damaged = world.vigil("verify", "--lake", LAKE, "--json", code=1).stdout.decode()
check(part.split("/")[-1] in damaged and "not the file that was committed" in damaged, "a damaged part is named", damaged[:500])

# Keys to the bucket appear nowhere.
secret = server.secret_key.encode()
hits = [str(p) for p in TMP.rglob("*") if p.is_file() and secret in p.read_bytes()]
equal(hits, [], "the secret key is in no file of lakes, mirrors and reports")
finish()
