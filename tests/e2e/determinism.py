#!/usr/bin/env -S python3 -B
"""The same sources give the same bytes, however they are fetched; nothing new changes nothing."""

import os
import random
import shutil

from e2e import TMP, check, decoded, equal, finish, hour_files, same_lake, simulate, sound, sql, stamps, tree, vigil, vigil_json, write

SUMS = ("SELECT count(*), count(DISTINCT (block_number, event_index)), sum(price * size), sum(size), sum(closed_pnl),"
        " sum(fee), sum(start_position), sum(trade_id::HUGEINT), sum(order_id::HUGEINT), min(block_time), max(block_time),"
        " sum(hash(user_address, coin, event_index, tx_hash)::HUGEINT), (SELECT count(*) FROM blocks),"
        " (SELECT sum(digest::HUGEINT) FROM blocks) FROM fills")


def sums(lake):
    return sql(lake, SUMS)[0]


def outcomes(report):
    return {k: report[k] for k in ("fetched", "replaced", "unchanged", "failed", "cancelled") if report[k]}


market = simulate("market", 50000, 300, seed=5)
hours = hour_files(market)
one = TMP / "one"
equal(outcomes(vigil_json("fetch", market, "--lake", one, "--jobs", 1)), {"fetched": 24}, "a day, one job")
sound(one, "a day, one job")

vigil("fetch", market, "--lake", TMP / "two", "--jobs", 2)
same_lake(TMP / "two", one, "two jobs")
vigil("fetch", *reversed(hours), "--lake", TMP / "reversed", "--jobs", 2)
same_lake(TMP / "reversed", one, "files named in reverse")
vigil("fetch", market, "--lake", TMP / "many", "--jobs", 7)
same_lake(TMP / "many", one, "seven jobs")
shuffled = random.Random(1).sample(hours, len(hours))
for hour in shuffled:
    vigil("fetch", hour, "--lake", TMP / "hourly")
same_lake(TMP / "hourly", one, "hour by hour in random order")

# Nothing new.
before = stamps(one)
result = vigil("fetch", market, "--lake", one, code=3)
check(b"24 objects were in the lake already" in result.stdout, "fetched again: says so", result.stdout)
equal(stamps(one), before, "fetched again: exit 3, no file touched")
for hour in hours[:12]:
    os.utime(hour)
equal(outcomes(vigil_json("fetch", market, "--lake", one, code=3)), {"unchanged": 24}, "sources with a new time only: unchanged")
equal(stamps(one), before, "sources with a new time only: no file touched")

# A copy elsewhere is the same object; with other content it is refused, unless --replace.
copied = TMP / "copy/hourly/20260501/7.lz4"
copied.parent.mkdir(parents=True)
shutil.copy(hours[7], copied)
equal(outcomes(vigil_json("fetch", copied, "--lake", one, code=3)), {"unchanged": 1}, "the same hour from another place: unchanged")
write(copied, b"".join(decoded(hours[7]).splitlines(True)[:-1]))
result = vigil("fetch", copied, "--lake", one, code=1)
check(b"7.lz4" in result.stderr and b"--replace" in result.stderr, "another content from another place: refused, names file and way out", result.stderr)
equal(stamps(one), before, "and nothing touched")


def change(hour):
    """Drops the last line that has events."""
    lines = decoded(hour).splitlines(True)
    last = max(i for i, line in enumerate(lines) if b'"events":[]' not in line)
    write(hour, b"".join(lines[:last] + lines[last + 1:]))


# One hour changes.
plain = TMP / "plain"
shutil.copytree(one, plain)
compacted = TMP / "compacted"
shutil.copytree(one, compacted)
equal(vigil_json("compact", "--lake", compacted)["days"], 1, "compacted: one day")
equal(sums(compacted), sums(one), "compacted: the same sums")
sound(compacted, "compacted")
vigil("compact", "--lake", compacted, code=3)
equal(outcomes(vigil_json("fetch", market, "--lake", compacted, code=3)), {"unchanged": 24}, "compacted: nothing new")

old = sums(one)
for number in (7, 0, 23):  # hour 0 reaches into the day before
    change(hours[number])
fresh = TMP / "fresh"
vigil("fetch", market, "--lake", fresh)
equal(outcomes(vigil_json("fetch", market, "--lake", plain)), {"replaced": 3, "unchanged": 21}, "three hours changed: replaced")
check(sums(plain) != old, "three hours changed: the rows did change")
# Records of the twelve touched hours still carry the time of their first fetch.
a, b = tree(plain, ("fills", "blocks")), tree(fresh, ("fills", "blocks"))
equal(a, b, f"three hours changed: all {len(b)} parts are those of a fresh lake")
equal(sums(plain), sums(fresh), "three hours changed: the sums of a fresh lake")

equal(outcomes(vigil_json("fetch", market, "--lake", compacted)), {"replaced": 3, "unchanged": 21}, "three hours of a compacted day changed: replaced")
equal(sums(compacted), sums(fresh), "three hours of a compacted day changed: the sums of a fresh lake")
lines = vigil("export", "--lake", fresh).stdout
equal(vigil("export", "--lake", compacted).stdout == lines, True, f"... and the same export of {len(lines)} bytes")
verified = [{k: v for k, v in vigil_json("verify", "--lake", lake, code=3).items() if k not in ("seconds", "files")} for lake in (compacted, fresh)]
equal(*verified, "... and verify says the same of both")
rest = next(compacted.glob("fills/date=2026-05-01/part-000*.parquet"))
rows = vigil("sql", "SELECT user_address, lpad(block_number::VARCHAR, 12, '0'), lpad(event_index::VARCHAR, 6, '0') FROM fills"
             f" WHERE block_time >= '2026-05-01 01:00' AND block_time < '2026-05-01 07:00'", "--csv", "--lake", compacted).stdout.splitlines()[1:]
check(len(rows) > 5000 and all(a < b for a, b in zip(rows, rows[1:])), f"... the rows that {rest.name} kept are in order")
vigil("compact", "--lake", compacted)
vigil("compact", "--lake", fresh)
equal(sums(compacted), sums(fresh), "compacted again: the sums of a compacted fresh lake")
order = "SELECT * FROM fills"
equal(vigil("sql", order, "--csv", "--lake", compacted).stdout == vigil("sql", order, "--csv", "--lake", fresh).stdout, True,
      "compacted again: the same rows in the same order as a compacted fresh lake")
part = lambda lake: sorted(tree(lake, ("fills",)).values())
equal(part(compacted), part(fresh), "compacted again: the same bytes, whatever the part is called")
finish()
