#!/usr/bin/env -S python3 -B
"""What verify says is there: missing block numbers in both forms, ranges of days, and lakes without fills."""

import json
import shutil

from e2e import REAL, TMP, check, decoded, equal, finish, hour_files, simulate, sql, vigil, vigil_json, write

market = simulate("market", 20000, 200, seed=5)
hours = hour_files(market)
lines = [decoded(path).splitlines(True) for path in hours]
number = lambda line: json.loads(line)["block_number"]


def streaming(block_lines):
    """One event a line, as an own node writes them; empty blocks keep their line."""
    out = []
    for line in block_lines:
        block = json.loads(line)
        for events in [[e] for e in block["events"]] or [[]]:
            out.append(json.dumps({**block, "events": events}, separators=(",", ":")).encode() + b"\n")
    return out


def verified(name, changes, form=lambda lines: lines, folder="node_fills_by_block"):
    """verify's report of hours 3 to 5 of the market with some lines changed: {hour: lines}."""
    shutil.rmtree(TMP / name, ignore_errors=True)
    for hour in (3, 4, 5):
        write(TMP / name / folder / f"hourly/20260501/{hour}.lz4", b"".join(form(changes.get(hour, lines[hour]))))
    vigil("fetch", TMP / name, "--lake", TMP / name / "lake")
    report = vigil_json("verify", "--lake", TMP / name / "lake", code=None)
    return report, {h["hour"]: (h["state"], h["missing_blocks"]) for h in report["hours"]}


WHOLE = ("complete", 0)
for name, form, folder in (("blocks", lambda lines: lines, "node_fills_by_block"), ("streaming", streaming, "node_fills_streaming")):
    report, found = verified(name, {}, form, folder)
    equal(found, {3: WHOLE, 4: WHOLE, 5: WHOLE}, f"{name}: whole hours are complete")
    empty = [i for i in range(5, len(lines[4])) if b'"events":[]' in lines[4][i]][:1] or [100]
    holes = set(range(50, 53)) | set(empty)
    report, found = verified(name, {4: [line for i, line in enumerate(lines[4]) if i not in holes]}, form, folder)
    equal(found, {3: WHOLE, 4: ("partial", len(holes)), 5: WHOLE}, f"{name}: missing numbers, an empty block's among them: counted, the hour is partial")
    first = min(holes)
    gap = f"first {number(lines[4][first])} to {number(lines[4][first if first not in range(50, 53) else 52])}"
    remark = next(h["remark"] for h in report["hours"] if h["hour"] == 4)
    check(gap in remark and gap.encode() in vigil("verify", "--lake", TMP / name / "lake", code=3).stdout, f"{name}: the first missing numbers are named", (gap, remark))
    report, found = verified(name, {4: lines[4][:-3]}, form, folder)
    equal(found, {3: WHOLE, 4: ("partial", 3), 5: WHOLE}, f"{name}: an hour that lacks its last blocks")

# An hour whose blocks are in the lake already, from another object, misses nothing.
report, found = verified("overlap", {4: lines[3][-5:] + lines[4], 3: lines[3] + lines[4][:5]})
equal((found, sql(TMP / "overlap/lake", "SELECT count(*) FROM blocks")), ({3: WHOLE, 4: WHOLE, 5: WHOLE}, [[sum(map(len, lines[3:6]))]]), "overlapping hours: every block once, none missing")
for sample in ("node_fills_by_block/hourly/20260430/20.lz4", "node_fills_streaming/hourly/20260430/20", "node_fills_by_block/hourly/20260315/0.lz4"):
    lake = TMP / "real" / sample.replace("/", "-")
    vigil("fetch", REAL / sample, "--lake", lake)
    equal([h["missing_blocks"] for h in vigil_json("verify", "--lake", lake, code=None)["hours"]], [0], f"{sample}: no number is missing")

# Ranges of days.
lake = TMP / "blocks/lake"
market_lake = ["--lake", lake]
for words in (["fetch", market], ["verify"], ["compact"], ["export"], ["features"]):
    result = vigil(*words, "--start", "2026-05-02", "--end", "2026-05-01", *market_lake, code=2)
    check(result.stdout == b"" and b"--start is a later day than --end" in result.stderr, f"{words[0]}: a range that ends before it starts is wrong usage", result.stderr)
for words in (["fetch", market], ["compact"], ["export"]):
    result = vigil(*words, "--date", "2026-05-01", "--end", "2026-05-01", *market_lake, code=2)
    check(b"--date" in result.stderr, f"{words[0]}: --date beside --end is wrong usage", result.stderr)

# Nothing to verify is not clean.
wallets = TMP / "wallets"
vigil("fetch", REAL / "wallets/2025-10-0x109a42c3.lz4", "--lake", wallets)
void = TMP / "void"
(TMP / "void.jsonl").write_bytes(b"")
vigil("fetch", TMP / "void.jsonl", "--lake", void, code=None)
for lake, words, what in ((lake, ["--start", "2030-01-01"], "days after all fills"), (lake, ["--end", "2020-01-01"], "days before all fills"),
                          (wallets, ["--start", "2030-01-01"], "days after all fills of a wallet"), (void, [], "a lake without fills")):
    result = vigil("verify", *words, "--lake", lake, code=3)
    check(result.stdout.startswith(b"nothing to verify") and b"adds up" not in result.stdout, f"verify, {what}: says that there is nothing, exit 3", result.stdout)
    check(not vigil_json("verify", *words, "--lake", lake, code=3)["clean"], "... and in JSON it is not clean")
finish()
