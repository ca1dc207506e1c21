#!/usr/bin/env -S python3 -B
"""What can go wrong between vigil and a bucket: the lake is right in the end, or the error is clear; nothing twice,
nothing half, and a bounded number of attempts."""

import json
import os
import random
import signal
import subprocess
import threading

import s3_proxy
from e2e import TMP, check, command, decoded, equal, finish, hour_files, packed, simulate, tree, vigil
from s3_world import LAKES, SOURCE, World, download, keys, start_server, unfinished, upload

PARTS = ("fills", "blocks", "quarantine")
DAY = "2026-05-01"

server = start_server()
bucket = server.client()
market = simulate("market", 24000, 100, seed=5)
hours = hour_files(market)
upload(bucket, market)
vigil("fetch", market, "--lake", TMP / "disk")
WANTED = tree(TMP / "disk", PARTS)
proxy = s3_proxy.Proxy(server.payer_http)
dice = random.Random(4)


def fetch(lake, *words, code=0, rule=None, world=None, **changes):
    """One fetch of the day through the proxy, which does what the rule says."""
    proxy.reset(rule or (lambda request: None))
    world = world or World(server, proxy.url, f"mirror-{lake.replace('/', '-')}", **changes)
    return world.vigil("fetch", "--date", DAY, "--lake", lake, *words, code=code)


def on_disk(name, what):
    equal(tree(TMP / name, PARTS), WANTED, f"{what}: the lake is whole, to the last byte")


def is_source(request, method="GET"):
    return request.method == method and request.path.startswith(f"/{SOURCE}/")


def is_object(request):
    return is_source(request) and ".lz4" in request.path


# Bursts of 500 and 503, ten of a hundred requests.
bad = [500, 503]
fetch(str(TMP / "bursts"), rule=lambda r: s3_proxy.error(dice.choice(bad), "SlowDown") if dice.random() < 0.1 else None)
on_disk("bursts", "500 and 503 in bursts")
check(len(proxy.requests) < 2 * (len(hours) + 1), f"... with {len(proxy.requests)} requests for {len(hours) + 1}")

# Connections cut at random bytes, and one that stalls.
tries = {}


def cuts(request):
    if not is_object(request):
        return None
    tries[request.path] = tries.get(request.path, 0) + 1
    return s3_proxy.cut(dice.randrange(5000)) if tries[request.path] <= 2 else None


fetch(str(TMP / "cuts"), rule=cuts)
on_disk("cuts", "every connection cut twice at random bytes")
ranges = [r.headers["Range"] for r in proxy.requests if is_object(r) and r.headers["Range"]]
check(len(ranges) >= len(hours), "... and reading went on where it was", ranges[:3])

# Never enough: a clear error in the end, the other hours in the lake.
victim = f"/20260501/7.lz4"
said = fetch(str(TMP / "always"), code=1, rule=lambda r: s3_proxy.cut(100) if victim in r.path else None).stderr.decode()
check("7.lz4" in said, "an object that is always cut is named", said)
attempts = [r for r in proxy.requests if victim in r.path]
check(2 <= len(attempts) <= 30, f"... after {len(attempts)} attempts")
equal(len(list((TMP / "always/manifest").glob("*.json"))), len(hours) - 1, "... and all others are in the lake")
fetch(str(TMP / "always"))
on_disk("always", "run again")

# A body that is shorter than the object, with a length that fits it.
def half(status, headers, body):
    return status, headers, body[:len(body) // 2]


said = fetch(str(TMP / "half"), code=1, rule=lambda r: s3_proxy.changed(half) if victim in r.path else None)
check("7.lz4" in said.stderr.decode(), "half a body with a length that fits it is not taken", said.stderr.decode())
check(not (TMP / "half/manifest/20260501-07.json").exists(), "... and nothing of it is in the lake")
fetch(str(TMP / "half"))
on_disk("half", "run again")

# Damaged on the way, with the right length.
def flipped(status, headers, body):
    body = bytearray(body)
    body[len(body) // 3] ^= 64
    return status, headers, bytes(body)


once = []
said = fetch(str(TMP / "flipped"), code=None,
             rule=lambda r: once.append(r) or s3_proxy.changed(flipped) if victim in r.path else None)
check(said.returncode == 1 and "7.lz4" in said.stderr.decode(), "damaged bytes are noticed", said.stderr.decode())
fetch(str(TMP / "flipped"))
on_disk("flipped", "run again")

# One hour is refused.
said = fetch(str(TMP / "refused"), code=1, rule=lambda r: s3_proxy.error(403, "AccessDenied") if victim in r.path else None)
check("7.lz4" in said.stderr.decode() and "AccessDenied" in said.stderr.decode(), "403 on one hour: named",
      said.stderr.decode())
check(len([r for r in proxy.requests if victim in r.path]) <= 2, "... and not tried again and again")
equal(len(list((TMP / "refused/manifest").glob("*.json"))), len(hours) - 1, "... all others are in the lake")

# An object is replaced between LIST and GET.
key = f"node_fills_by_block/hourly/20260501/7.lz4"
original = bucket.get_object(Bucket=SOURCE, Key=key)["Body"].read()
replaced = []


def replace(request):
    if is_object(request) and victim in request.path and not replaced:
        replaced.append(True)
        bucket.put_object(Bucket=SOURCE, Key=key, Body=packed(decoded(hours[7]) + b"\n"))
    return None


said = fetch(str(TMP / "replaced"), code=1, rule=replace).stderr.decode()
check("7.lz4" in said and "replaced meanwhile" in said, "replaced between LIST and GET: said so", said)
bucket.put_object(Bucket=SOURCE, Key=key, Body=original)
fetch(str(TMP / "replaced"))
on_disk("replaced", "run again")

# Keys, clock, region.
said = fetch(str(TMP / "keys"), code=1, AWS_SECRET_ACCESS_KEY="not-the-secret").stderr.decode()
check("SignatureDoesNotMatch" in said and "not-the-secret" not in said, "a wrong key: clear, and not shown", said)
said = fetch(str(TMP / "keys"), code=1, rule=lambda r: s3_proxy.error(400, "ExpiredToken"),
             AWS_SESSION_TOKEN="a-token").stderr.decode()
check("ExpiredToken" in said and "a-token" not in said and len(proxy.requests) <= 3, "an expired token: clear", said)
said = fetch(str(TMP / "keys"), code=1, rule=lambda r: s3_proxy.error(403, "RequestTimeTooSkewed")).stderr.decode()
check("clock" in said, "a wrong clock: clear", said)
fetch(str(TMP / "region"), AWS_REGION="eu-central-1")
on_disk("region", "a wrong region is found out by the server's answer")
said = fetch(str(TMP / "keys"), code=1, world=World(server, "http://127.0.0.1:1", "none")).stderr.decode()
check("127.0.0.1" in said, "nobody there: clear", said)
check(not (TMP / "keys").exists(), "... and no lake was begun by any of these")

# Stopped on request while it reads: soon, and the rest another time.
proxy.reset(lambda r: s3_proxy.cut(1000, stall=20) if "/20260501/1" in r.path else None)
world = World(server, proxy.url, "stopped")
with subprocess.Popen(command("fetch", "--date", DAY, "--lake", TMP / "stopped"), env=world.env, cwd=TMP,
                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
    threading.Timer(2, process.send_signal, [signal.SIGINT]).start()
    errors = process.communicate(timeout=15)[1].decode()
check(process.returncode == 1 and "run the same command again" in errors, "Ctrl-C ends a read that stalls", errors)
fetch(str(TMP / "stopped"))
on_disk("stopped", "run again")

# The lake in the bucket: bursts, answers that are lost, and a writer killed in the middle of a large upload.
big = TMP / "big/day.jsonl.lz4"
big.parent.mkdir()
large = simulate("large", 400000, 300, seed=6)
big.write_bytes(packed(b"".join(decoded(p) for p in hour_files(large))))
vigil("fetch", big, "--lake", TMP / "big-disk")
BIG = tree(TMP / "big-disk", PARTS)


def bucket_lake(name, what):
    found = tree(download(bucket, f"{name}/", TMP / f"seen-{name}"), PARTS)
    equal(found, BIG, f"{what}: the lake in the bucket is whole, and has nothing else")
    equal(unfinished(bucket), [], "... and no unfinished upload is left")


def write_rule(request):
    if f"/{LAKES}/" not in request.path or dice.random() > 0.1:
        return None
    return dice.choice([s3_proxy.error(503, "SlowDown"), s3_proxy.error(500, "InternalError"), s3_proxy.dropped,
                        s3_proxy.lost])


proxy.reset(write_rule)
world = World(server, proxy.url, "rough")
world.vigil("fetch", big, "--lake", f"s3://{LAKES}/rough")
bucket_lake("rough", "one request of ten fails or its answer is lost")

for part in (1, 2, 3):
    holder = {}

    def kill_at(request, part=part, holder=holder):
        if request.method == "PUT" and f"partNumber={part}" in request.path and "process" in holder:
            os.kill(holder.pop("process"), signal.SIGKILL)
        return None

    proxy.reset(kill_at)
    world = World(server, proxy.url, f"killed{part}")
    lake = f"s3://{LAKES}/killed{part}"
    with subprocess.Popen(command("fetch", big, "--lake", lake), env=world.env, cwd=TMP, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        holder["process"] = process.pid
        process.wait(60)
    check(process.returncode == -signal.SIGKILL, f"killed while it sends part {part}", process.returncode)
    check(len(unfinished(bucket)) > 0, "... so an unfinished upload is left")
    check(not [k for k in keys(bucket, LAKES, f"killed{part}/") if k.endswith(".json")], "... and nothing is committed")
    world.vigil("fetch", big, "--lake", lake)
    bucket_lake(f"killed{part}", "run again")

# Killed between the parts and the record.
holder = {}


def kill_before_record(request):
    if request.method == "PUT" and "/manifest/" in request.path and "process" in holder:
        os.kill(holder.pop("process"), signal.SIGKILL)
    return None


proxy.reset(kill_before_record)
world = World(server, proxy.url, "uncommitted")
lake = f"s3://{LAKES}/uncommitted"
with subprocess.Popen(command("fetch", big, "--lake", lake), env=world.env, cwd=TMP, stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
    holder["process"] = process.pid
    process.wait(60)
world.vigil("fetch", big, "--lake", lake, code=None)
bucket_lake("uncommitted", "killed before the commit, run again")

# Two writers at once: one says that the other is at work.
proxy.reset(lambda r: s3_proxy.cut(10**9, stall=0.3) if "/two/" in r.path and r.method == "PUT" else None)
runs = [subprocess.Popen(command("fetch", big, "--lake", f"s3://{LAKES}/two"), cwd=TMP, stdin=subprocess.DEVNULL,
                         env=World(server, proxy.url, f"two{i}").env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for i in range(2)]
results = [(p.communicate(timeout=120)[1].decode(), p.returncode) for p in runs]
codes = sorted(code for _, code in results)
check(codes in ([0, 1], [0, 3]), f"two writers from two mirrors: exit {codes}", results)
bucket_lake("two", "two writers")
finish()
