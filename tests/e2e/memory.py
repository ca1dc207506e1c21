#!/usr/bin/env -S python3 -B
"""Peak memory of fetch stays below 512 MiB, whatever the input. The figure for 20 million fills: bench/memory.sh."""

import json
import re

from e2e import ROOT, TMP, check, decoded, equal, finish, hour_files, packed, peak_memory, simulate, sql, vigil, write

LIMIT = 512


def measured(what, *words, code=0):
    status, mib = peak_memory(words)
    check(status == code and mib < LIMIT, f"{what}: exit {status}, at most {mib:.0f} MiB", f"exit {status}, {mib:.0f} MiB")


# One line of 10 MB.
market = simulate("market", 20000, 300, seed=2)
lines = decoded(hour_files(market)[12]).splitlines()
events = [e for line in lines for e in json.loads(line)["events"]]
block = json.loads(lines[5])
block["events"] = (events * (25000 // len(events) + 1))[:25000]
long_line = json.dumps(block, separators=(",", ":")).encode()
source = write(TMP / "long.lz4", b"\n".join(lines[:5] + [long_line] + lines[6:]) + b"\n")
measured(f"a line of {len(long_line) / 1e6:.1f} MB with 25,000 fills", "fetch", source, "--lake", TMP / "long")

# Lines as long as they may be, in two objects at once.
near = json.dumps({**block, "padding": "x" * ((63 << 20) - len(long_line))}, separators=(",", ":")).encode()
for name in ("near1", "near2"):
    write(TMP / f"near/{name}.jsonl", near + b"\n" if name == "near1" else near.replace(b'"block_number":', b'"block_number":9', 1) + b"\n")
measured("two lines of 63 MB, two jobs", "fetch", TMP / "near", "--lake", TMP / "nearlake", "--jobs", "2")

# The worst: runs of the sorter are full, and a line as long comes again with other events, which must be held
# until its block ends; in two objects at once.
head = json.dumps({**block, "events": []}, separators=(",", ":"))[:-2]
one = json.dumps(events, separators=(",", ":"))[1:-1]
full = (head + ",".join([one] * ((62 << 20) // len(one))) + "]}\n").encode()
numbered = lambda n: full.replace(b'"block_number":', b'"block_number":%d' % n, 1)
(TMP / "worst").mkdir()
for first in (10, 30):
    with open(TMP / f"worst/{first}.lz4", "wb") as out:
        for n in range(first, first + 9):
            out.write(packed(numbered(n)))
        out.write(packed(numbered(first + 8).replace(b'"crossed":true', b'"crossed":false', 1)))
measured(f"ten lines of {len(full) / 1e6:.0f} MB, the last of them refused, two jobs", "fetch", TMP / "worst", "--lake", TMP / "worstlake", "--jobs", "2", code=3)

# Two million fills in one object of many LZ4 frames: more than one run of the sorter.
big = simulate("big", "2M", 2000, seed=3)
hours = hour_files(big)
one = TMP / "one.lz4"
with open(one, "wb") as out:
    for hour in hours:
        out.write(hour.read_bytes())
run_bytes = re.search(r"TAKE_RUN_BYTES\s+\((\d+)u << (\d+)\)", (ROOT / "src/flow/take.h").read_text())
run = int(run_bytes[1]) << int(run_bytes[2])
check(2_000_000 * 50 > run, f"a run is {run >> 20} MiB: two million fills of 50 bytes and more spill")
measured("2,000,000 fills in one object", "fetch", one, "--lake", TMP / "lake", "--jobs", "2")
count = int(sql(TMP / "lake", "SELECT count(*) FROM fills")[0][0])
check(1_999_999 <= count <= 2_000_000, f"... {count} rows landed", count)
measured("the same as 24 objects, two jobs", "fetch", big, "--lake", TMP / "hours", "--jobs", "2")
SUMS = "SELECT count(*), sum(price * size), sum(closed_pnl), sum(hash(user_address, block_number, event_index, coin)::HUGEINT) FROM fills"
equal(sql(TMP / "lake", SUMS), sql(TMP / "hours", SUMS), "... the same sums either way")
ordered = vigil("sql", "SELECT user_address, lpad(block_number::VARCHAR, 12, '0'), lpad(event_index::VARCHAR, 6, '0') FROM fills WHERE block_time >= '2026-05-01'",
                "--csv", "--lake", TMP / "lake").stdout.splitlines()[1:]
check(len(ordered) > 1_900_000 and all(a < b for a, b in zip(ordered, ordered[1:])), "... and merged runs are in order: by trader, block, event")
status, mib = peak_memory(["compact", "--lake", TMP / "hours"])
print(f"        compact of that day: {mib:.0f} MiB (no bar is set for it)")
equal(status, 0, "compact of that day")
equal(sql(TMP / "hours", SUMS), sql(TMP / "lake", SUMS), "... the same sums")
write(hours[9], b"".join(decoded(hours[9]).splitlines(True)[:-1]))
measured("replacing an hour of that compacted day", "fetch", big, "--lake", TMP / "hours", "--jobs", "2")
finish()
