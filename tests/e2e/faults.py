#!/usr/bin/env -S python3 -B
"""What goes wrong around the program: each time a text that names the file and the way out, the right exit
code, and a lake that the next run completes."""

import hashlib
import os
import resource
import shutil
import signal
import stat
import subprocess
import time

from e2e import (TMP, VIGIL, at_end, check, command, decoded, environment, equal, finish, hour_files, leftovers,
                 packed, records, same_lake, simulate, sound, sql, tree, vigil, vigil_json, write)

AS_ROOT = os.geteuid() == 0
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if AS_ROOT else []


def says(result, code, *texts, what):
    """Exit code and texts on stderr; a failure never leaves a half result on stdout."""
    errors = result.stderr.decode(errors="replace")
    missing = [t for t in texts if str(t) not in errors]
    check(result.returncode == code and not missing and errors.startswith("vigil"), what,
          f"exit {result.returncode} (wanted {code}); stderr: {errors}\nnot in it: {missing}")
    if result.returncode == code and not missing:
        print("          " + errors.strip().replace(str(TMP), "…").split("\n")[0][:180])


def as_nobody(*words):
    return subprocess.run(NOBODY + command(*words), env=environment(), cwd="/", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)


market = simulate("market", 60000, 300, seed=3)
hours = hour_files(market)
whole = TMP / "whole"
vigil("fetch", market, "--lake", whole)
vigil("features", "--lake", whole)
lake = TMP / "lake"


def fresh():
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(whole, lake)


# Wrong usage.
U = dict(code=None)
says(vigil("fetch", **U), 2, "name a SOURCE", "usage:", what="fetch without a source")
says(vigil("fetch", market, "--lakes", "x", **U), 2, "--lakes", "usage:", what="unknown option")
says(vigil("fetch", market, "--date", "2026-13-01", **U), 2, "--date", "2026-13-01", "2025-11-01", what="a date that is none")
says(vigil("fetch", market, "--date", **U), 2, "--date", what="an option without its value")
says(vigil("fetch", market, "--jobs", "many", **U), 2, "--jobs", "many", what="a number that is none")
says(vigil("fetsch", market, **U), 2, "fetsch", "vigil help", what="unknown command")
says(vigil("verify", "--lake", whole, "extra", **U), 2, "no arguments", what="an argument too many")
says(vigil("trader", "0x123", "--lake", whole, **U), 2, "0x123", "40", what="an address that is none")
says(vigil("sql", "SELEC 1", "--lake", whole, **U), 2, "SELEC", what="SQL that is none")
says(vigil("sql", "SELECT * FROM read_csv('/etc/passwd')", "--lake", whole, **U), 2, "disabled", what="SQL that reads other files")
says(vigil("sql", f"COPY fills TO '{TMP}/x.csv'", "--lake", whole, **U), 2, "disabled", what="SQL that writes a file")
says(vigil("sql", "CREATE TABLE t AS SELECT 1", "--lake", whole, **U), 2, "only statements that read", what="SQL that makes a table")
says(vigil("sql", "SET threads = 1", "--lake", whole, **U), 2, "only statements that read", what="SQL that sets something")
check(not (TMP / "x.csv").exists(), "... and nothing was written")
says(vigil("sql", "PRAGMA table_info('fills')", "--lake", whole, **U), 2, "DESCRIBE", what="a PRAGMA: told what to ask instead")
says(vigil("sql", "EXPLAIN SELECT 1", "--lake", whole, **U), 2, "only statements that read", what="EXPLAIN: told what to ask instead")
says(vigil("sql", "SELECT coin::INT FROM fills", "--lake", whole, **U), 1, "Could not convert", what="right SQL that fails on the way")
equal([vigil("sql", q, "--csv", "--lake", whole).stdout for q in ("SELECT 1 AS n; -- done", "SELECT 1 AS n -- a;b", "SELECT 1 AS n; /* ; */ ;")], [b"n\n1\n"] * 3, "SQL with semicolons and comments behind it")
says(vigil("leaderboard", "--by", "luck", "--lake", whole, **U), 2, "no metric 'luck'", "net_pnl", what="a metric that there is none")
says(vigil("simulate", "--fills", "10", **U), 2, "--output", what="simulate without a directory")

# Sources.
says(vigil("fetch", TMP / "missing.lz4", "--lake", lake, **U), 1, TMP / "missing.lz4", "No such file", what="a source that is not there")
(TMP / "empty").mkdir()
says(vigil("fetch", TMP / "empty", "--lake", lake, **U), 2, TMP / "empty", "*.lz4", what="a directory without objects")
(TMP / "pipes").mkdir()
os.mkfifo(TMP / "pipes/x.lz4")
says(vigil("fetch", TMP / "pipes/x.lz4", "--lake", lake, **U), 2, TMP / "pipes/x.lz4", what="a pipe instead of a file")
check(not lake.exists(), "none of these made a lake")
(TMP / "folder/x.lz4").mkdir(parents=True)
says(vigil("fetch", TMP / "folder/x.lz4", "--lake", lake, **U), 2, "x.lz4", what="a directory named like an object")
result = vigil("fetch", market, "--date", "2020-01-01", "--lake", lake, **U)
says(result, 3, "no hour file", what="no hour of that day")
shutil.rmtree(lake)
same = TMP / "twice/hourly/20260501"
same.mkdir(parents=True)
shutil.copy(hours[4], same)
says(vigil("fetch", hours[4], same / "4.lz4", "--lake", lake, **U), 2, hours[4], same / "4.lz4", what="the same hour from two places at once")

# Without the right to read or write.
os.chmod(TMP, 0o755)
if not AS_ROOT or shutil.which("setpriv"):
    secret = TMP / "secret.lz4"
    shutil.copy(hours[0], secret)
    secret.chmod(0)
    open_lake = TMP / "open"
    open_lake.mkdir()
    open_lake.chmod(0o777)
    says(as_nobody("fetch", secret, hours[1], "--lake", open_lake), 1, secret, "Permission denied", what="a file that may not be read")
    equal(list(records(open_lake)), ["20260501-01.json"], "... and the other file landed")
    fresh()
    for folder in [lake, *[p for p in lake.rglob("*") if p.is_dir()]]:
        folder.chmod(0o555)
    before = tree(lake)
    says(as_nobody("fetch", market, "--lake", lake), 1, lake, "Permission denied", what="fetch into a lake that may not be written")
    says(as_nobody("compact", "--lake", lake), 1, lake, "Permission denied", what="compact of a lake that may not be written")
    readers = [["verify"], ["sql", "SELECT count(*) FROM fills"], ["leaderboard"], ["export"]]
    equal([as_nobody(*words, "--lake", lake).returncode for words in readers], [0] * 4, "... but it can be read, verified, exported")
    equal(tree(lake), before, "... and is unchanged")
    says(as_nobody("fetch", market, "--lake", "/nowhere/lake"), 1, "/nowhere", "Permission denied", what="a lake where nothing can be made")
else:
    print("        not checked: rights (setpriv is missing)")

# A full disk. A file system of 2 MB where mounting is possible; a limit on the size of files elsewhere.
small = TMP / "small"
small.mkdir()
mounted = AS_ROOT and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small], stderr=subprocess.DEVNULL).returncode == 0
if mounted:
    at_end(lambda: subprocess.run(["umount", small], check=False))
    result = vigil("fetch", market, "--lake", small / "lake", **U)
    says(result, 1, small / "lake", "No space left", what="a disk that fills up")
    errors = result.stderr.decode().splitlines()
    check(all(str(market) in line for line in errors), "... each text begins with the object that failed", errors[:3])
    there = vigil_json("verify", "--lake", small / "lake", code=None)
    check(there["files_bad"] == 0 and there["fills"] > 0, "... what was committed is sound", there["problems"])
    equal(leftovers(small / "lake")[1], [], "... and nothing that a record names is missing")
    subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
    vigil("fetch", market, "--lake", small / "lake")
    same_lake(small / "lake", whole, "... with room again it completes")
    subprocess.run(["mount", "-o", f"remount,size={sum(p.stat().st_size for p in (small / 'lake').rglob('*') if p.is_file()) // 1024 + 1200}k", small], check=True)
    result = vigil("compact", "--lake", small / "lake", **U)
    says(result, 1, small / "lake", what="compact on a full disk")
    sound(small / "lake", "... the lake after that") if not leftovers(small / "lake")[0] else check(False, "... leaves a file behind", leftovers(small / "lake"))
    result = vigil("export", "--lake", whole, "--output", small / "out.jsonl", **U)
    says(result, 1, small / "out.jsonl", "No space left", what="export on a full disk")
    check(not list(small.glob("out.jsonl*")), "... leaves no half file")
    says(vigil("simulate", "--fills", "200k", "--output", small / "market", **U), 1, small / "market", "No space left", what="simulate on a full disk")
else:
    limit = lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000)), signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    result = vigil("fetch", market, "--lake", TMP / "limited", preexec_fn=limit, **U)
    says(result, 1, TMP / "limited", "File too large", what="files that may not grow")
    vigil("fetch", market, "--lake", TMP / "limited", code=None)
    same_lake(TMP / "limited", whole, "... without the limit it completes")

# Replacing an hour of a compacted day fails half way: the day's rows stay.
fresh()
vigil("compact", "--lake", lake)
changed = TMP / "changed/hourly/20260501/9.lz4"
write(changed, b"".join(decoded(hours[9]).splitlines(True)[:-50]))
before = sql(lake, "SELECT count(*), sum(closed_pnl) FROM fills")
limit = lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)), signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
says(vigil("fetch", changed, "--replace", "--lake", lake, preexec_fn=limit, **U), 1, changed, "File too large", what="replacing an hour of a compacted day, and the disk is full")
equal(sql(lake, "SELECT count(*), sum(closed_pnl) FROM fills"), before, "... the rows are what they were")
sound(lake, "... the lake after that")

# Two at once.
shutil.rmtree(lake)
big = simulate("big", 400000, 500, seed=4)
first = subprocess.Popen(command("fetch", big, "--lake", lake), env=environment(), cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
while not (lake / ".lock").exists() or not (lake / ".lock").read_text().strip():
    time.sleep(0.002)
second = vigil("fetch", big, "--lake", lake, **U)
says(second, 1, lake, f"process {first.pid}", "run this again", what="two fetches at once: the second is told who writes")
says(vigil("compact", "--lake", lake, **U), 1, lake, "run this again", what="compact meanwhile: told the same")
check(first.poll() is None, "... while the first one works")
first.communicate()
equal(first.returncode, 0, "... the first one is done")
vigil("fetch", big, "--lake", lake, code=3)
reference = TMP / "reference"
vigil("fetch", big, "--lake", reference, "--jobs", 1)
same_lake(lake, reference, "... and the lake is as if it had been alone")

# Stopped on request.
for number in (signal.SIGINT, signal.SIGTERM):
    shutil.rmtree(lake)
    process = subprocess.Popen(command("fetch", big, "--lake", lake), env=environment(), cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while len(list(lake.glob("manifest/*.json"))) < 3:
        time.sleep(0.002)
    process.send_signal(number)
    out, errors = process.communicate()
    check(process.returncode == 1 and b"stopped" in errors and b"run the same command again" in errors,
          f"fetch, {signal.Signals(number).name}: exit 1, told to run it again", (process.returncode, errors))
    count = len(records(lake))
    check(3 <= count < 24 and leftovers(lake) == ([], []), f"... {count} of 24 objects are there whole, nothing else", leftovers(lake))
    vigil("fetch", big, "--lake", lake)
    same_lake(lake, reference, "... run again")

# Standard output full or closed.
for words in (["version"], ["doctor"], ["help"], ["help", "fetch"], ["verify"], ["leaderboard"], ["trader", "0x" + "e" * 40], ["export"],
              ["sql", "SELECT * FROM fills", "--csv"], ["sql", "SELECT 1"], ["fetch", market], ["simulate", "--output", TMP / "full", "--fills", "1000"],
              ["simulate", "--output", TMP / "full", "--fills", "1000", "--json"]):
    on_lake = [] if words[0] in ("version", "help", "simulate") else ["--lake", whole]
    with open("/dev/full", "wb") as full:
        result = vigil(*words, *on_lake, stdout=full, **U)
    says(result, 1, "standard output", what=f"{words[0]} {'--json ' if '--json' in words else ''}into a full device")
with open("/dev/full", "wb") as full:
    says(vigil("compact", "--lake", lake, stdout=full, **U), 1, "standard output", what="compact into a full device")
result = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', *command("verify", "--lake", whole)], env=environment(), stderr=subprocess.PIPE)
says(result, 1, "standard output", what="verify with standard output closed")
pipe = subprocess.run(["sh", "-c", '"$0" export --lake "$1" | head -c 100000 | wc -c', VIGIL, whole], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
equal((pipe.stdout.strip(), pipe.stderr), (b"100000", b""), "a reader that stops early: no noise")

# Damage.
def damaged(path, at=None):
    data = bytearray(path.read_bytes())
    at = len(data) // 2 if at is None else at
    data[at] ^= 0x40
    path.write_bytes(data)


def sha256_of(lake, statement):
    return hashlib.sha256(vigil("sql", statement, "--csv", "--lake", lake).stdout).hexdigest()


def part(table, hour):
    return lake / table / "date=2026-05-01" / f"part-20260501-{hour:02}.parquet"


for table in ("fills", "blocks"):
    fresh()
    damaged(part(table, 11))
    result = vigil("verify", "--lake", lake, **U)
    check(result.returncode == 1 and str(part(table, 11)).encode() in result.stdout, f"a damaged part of {table}: verify names it, exit 1", result.stdout)
    report = vigil_json("verify", "--lake", lake, code=1)
    check(report["files_bad"] == 1 and not report["clean"] and str(part(table, 11)) in report["problems"][0], "... and in JSON", report["problems"])
    part(table, 11).unlink()
    result = vigil("verify", "--lake", lake, **U)
    check(result.returncode == 1 and str(part(table, 11)).encode() in result.stdout, f"a missing part of {table}: verify names it, exit 1", result.stdout)
    result = vigil(*(["features", "--full"] if table == "fills" else ["export"]), "--lake", lake, **U)
    says(result, 1, part(table, 11), "vigil verify", what="... and so does who reads it")
    check(b"fetch" in vigil("verify", "--lake", lake, **U).stdout, "... verify says what to do")
    vigil("fetch", market, "--lake", lake)
    same_lake(lake, whole, "... which works: fetched again")

# The same in a compacted day.
fresh()
vigil("compact", "--lake", lake)
compacted = lake / "fills/date=2026-05-01/part-0000.parquet"
keep = TMP / "keep"
shutil.copytree(lake, keep)
damaged(compacted)
result = vigil("verify", "--lake", lake, **U)
record = lake / "manifest/compacted-2026-05-01.json"
check(result.returncode == 1 and str(compacted).encode() in result.stdout and str(record).encode() in result.stdout,
      "a damaged compacted day: verify names it, and the record that must go with it", result.stdout)
compacted.unlink()
record.unlink()
vigil("fetch", market, "--lake", lake)
same_lake(lake, whole, "... which works: fetched again")
shutil.rmtree(lake)
shutil.copytree(keep, lake)
part("blocks", 11).unlink()
vigil("fetch", market, "--lake", lake)
same_lake(lake, keep, "a missing part of blocks beside a compacted day: fetched again")

# Blocks of a compacted day are damaged, and its source has changed meanwhile.
shutil.rmtree(lake)
shutil.copytree(keep, lake)
shutil.copytree(market, TMP / "newer")
newer = hour_files(TMP / "newer")[11]
write(newer, b"".join(decoded(newer).splitlines(True)[:-40]))
expected = TMP / "expected"
vigil("fetch", TMP / "newer", "--lake", expected)
damaged(part("blocks", 11))
report = vigil_json("verify", "--lake", lake, code=1)
check("remove it, then fetch" in report["problems"][0], "damaged blocks beside a compacted day: verify says what to do", report["problems"])
part("blocks", 11).unlink()
vigil("fetch", TMP / "newer", "--replace", "--lake", lake)
FILLS = "SELECT * EXCLUDE extra FROM fills ORDER BY block_number, event_index"
equal(sha256_of(lake, FILLS), sha256_of(expected, FILLS), "... which works, also when the source has changed")
equal((leftovers(lake), vigil_json("verify", "--lake", lake, code=3)["files_bad"]), (([], []), 0), "... no file too many, none missing, none damaged")

# A damaged part is not merged: the damage could not be seen any more.
fresh()
damaged(part("fills", 11))
before = tree(lake)
says(vigil("compact", "--lake", lake, **U), 1, part("fills", 11), "not the file that was committed", f"vigil fetch {hours[11]} --lake {lake}", what="compact of a day with a damaged part")
equal(tree(lake), before, "... changes nothing")
part("fills", 11).unlink()
says(vigil("compact", "--lake", lake, **U), 1, part("fills", 11), f"vigil fetch {hours[11]}", what="compact of a day with a missing part")
vigil("fetch", hours[11], "--lake", lake)
vigil("compact", "--lake", lake)
same_lake(lake, keep, "... what it says works, and then it compacts")
fresh()
path = lake / "manifest/20260501-11.json"
text = path.read_text()
rows = next(p["rows"] for p in records(lake)["20260501-11.json"]["parts"] if p["table"] == "fills")
path.write_text(text.replace(f'"rows": {rows},', f'"rows": {rows + 1},', 1))
before = tree(lake)
says(vigil("compact", "--lake", lake, **U), 1, part("fills", 11), f"has {rows} rows", f"says {rows + 1}", what="compact of a part whose record counts other rows")
equal(tree(lake), before, "... changes nothing")

# What was refused is kept with the same care.
bad = write(TMP / "bad/hourly/20260501/11.lz4", b"{}\n" + decoded(hours[11]))
held = TMP / "held"
vigil("fetch", bad, "--lake", held, code=3)
copy = tree(held)
refused = held / "quarantine/20260501-11.jsonl"
for break_it, what in ((lambda: damaged(refused, 3), "damaged"), (refused.unlink, "missing")):
    break_it()
    report = vigil_json("verify", "--lake", held, code=1)
    check(report["files_bad"] == 1 and str(refused) in report["problems"][0] and f"vigil fetch {bad}" in report["problems"][0], f"a {what} quarantine file: verify names it", report["problems"])
    refused.unlink(missing_ok=True)
    vigil("fetch", bad, "--lake", held, code=3)
    equal(tree(held), copy, "... and what it says works")

# What a killed run may leave: the next one that writes takes it away, and readers do not see it.
fresh()
for name in ("tmp/20260501-05.fills.20260501.parquet", "tmp/record.json", "tmp/deep/er", "fills/date=2026-05-01/part-20260501-99.parquet",
             "fills/date=2026-05-03/part-20260503-01.parquet", "blocks/date=2026-05-01/part-20260501-99.parquet", "quarantine/20260501-05.jsonl"):
    (lake / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(part("fills", 5), lake / name)
equal(sql(lake, "SELECT count(*) FROM fills"), sql(whole, "SELECT count(*) FROM fills"), "leftovers of a killed run: nobody reads them")
vigil("fetch", market, "--lake", lake, code=3)
same_lake(lake, whole, "... and the next fetch removes them")
equal(list((lake / "tmp").iterdir()), [], "... from tmp/ too")

# Records of the manifest.
for name, content in {"cut": lambda t: t[:len(t) // 2], "empty": lambda t: b"", "not JSON": lambda t: t.replace(b":", b"", 1),
                      "wrong type": lambda t: t.replace(b'"fills": ', b'"fills": "x', 1)}.items():
    fresh()
    path = lake / "manifest/20260501-11.json"
    path.write_bytes(content(path.read_bytes()))
    for words in (["verify"], ["fetch", market], ["sql", "SELECT 1"]):
        result = vigil(*words, "--lake", lake, **U)
        says(result, 1, path, "fetch", what=f"a manifest record that is {name}: {words[0]} names it and the way out")
    path.unlink()
    vigil("fetch", market, "--lake", lake)
    same_lake(lake, whole, "... which works: removed, fetched again")
shutil.rmtree(lake)
shutil.copytree(keep, lake)
path = lake / "manifest/20260501-11.json"
path.unlink()
result = vigil("fetch", market, "--lake", lake, **U)
says(result, 1, record, "part-20260501-11.parquet", "fetch", what="a lost record whose rows are in a compacted day: refused, nothing lands twice")
record.unlink()
vigil("fetch", market, "--lake", lake)
same_lake(lake, whole, "... without the compaction's record: fetched again")

# No lake.
for words in (["verify"], ["sql", "SELECT 1"], ["leaderboard"], ["export"], ["trader", "0x" + "a" * 40]):
    says(vigil(*words, "--lake", TMP / "nothing", **U), 1, TMP / "nothing", "vigil fetch", what=f"{words[0]} where there is no lake")
check(not (TMP / "nothing").exists(), "none of these made one")
finish()
