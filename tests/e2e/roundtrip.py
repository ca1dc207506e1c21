#!/usr/bin/env -S python3 -B
"""fetch, then export: what the exchange wrote comes back byte for byte."""

import json

from e2e import REAL, TMP, check, decoded, equal, finish, hour_files, packed, simulate, vigil, vigil_json, write


def fetch_and_export(name, *sources):
    lake = TMP / name
    report = vigil_json("fetch", *sources, "--lake", lake)
    return report, vigil("export", "--lake", lake).stdout


def differences(found, expected):
    a, b = found.split(b"\n"), expected.split(b"\n")
    return [(i + 1, x[:300], y[:300]) for i, (x, y) in enumerate(zip(a, b)) if x != y][:2] or f"{len(a)} lines, {len(b)}"


def same_bytes(found, expected, what):
    check(found == expected, f"{what}: {len(expected)} bytes, byte for byte", differences(found, expected))


# The exchange's own files.
hours = hour_files(REAL / "node_fills_by_block")
report, text = fetch_and_export("by_block", REAL / "node_fills_by_block")
equal((len(hours), report["fills"], report["blocks"], report["quarantined"]), (2, 1392, 50, 0), "two real hours: counts")
same_bytes(text, b"".join(map(decoded, hours)), "two real hours")
for hour, day in zip(hours, ("2026-03-15", "2026-04-30")):
    lines = [line for line in decoded(hour).splitlines(True) if json.loads(line)["block_time"].startswith(day)]
    out = TMP / "day.jsonl"
    vigil("export", "--lake", TMP / "by_block", "--date", day, "--output", out)
    same_bytes(out.read_bytes(), b"".join(lines), f"the blocks of {day} alone, into a file")

streaming = REAL / "node_fills_streaming/hourly/20260430/20"
report, text = fetch_and_export("streaming", streaming)
equal((report["fills"], report["blocks"]), (4, 40), "streaming form: counts")
same_bytes(text, streaming.read_bytes(), "streaming form")

before = vigil("export", "--lake", TMP / "by_block").stdout
report = vigil_json("fetch", streaming, "--lake", TMP / "by_block")
equal((report["fills"], report["duplicate_blocks"]), (0, 40), "the streaming form of blocks that are there: all duplicates")
same_bytes(vigil("export", "--lake", TMP / "by_block").stdout, before, "the lake after that")

# Wallet histories, converted from other forms: equal as JSON, with the texts of all numbers.
for wallet in sorted((REAL / "wallets").glob("*.lz4")):
    source = decoded(wallet)
    report, text = fetch_and_export(wallet.stem, wallet)
    lines, back = source.splitlines(), text.splitlines()
    equal((report["fills"], report["quarantined"], len(back)), (len(lines), 0, len(lines)), f"{wallet.name}: counts")
    parse = lambda line: json.loads(line, parse_int=lambda t: ("int", t), parse_float=lambda t: ("float", t))
    wrong = [i for i, (a, b) in enumerate(zip(lines, back)) if parse(a) != parse(b)]
    check(not wrong, f"{wallet.name}: {len(lines)} fills in order, equal keys, texts and number texts",
          wrong and (lines[wrong[0]], back[wrong[0]]))
    print(f"        {sum(a == b for a, b in zip(lines, back))} of {len(lines)} lines are the same bytes")

# A day of an invented market.
market = simulate("market", 50000, 300, seed=11)
hours = hour_files(market)
report, text = fetch_and_export("day", market)
equal((len(hours), report["fetched"], report["quarantined"]), (24, 24, 0), "a simulated day: 24 hours taken")
check(49999 <= report["fills"] <= 50000, "a simulated day: all its fills", report["fills"])
same_bytes(text, b"".join(map(decoded, hours)), "a simulated day")

vigil("compact", "--lake", TMP / "day")
same_bytes(vigil("export", "--lake", TMP / "day").stdout, text, "the same, compacted")

# An export is a source again, and gives the same rows.
again = write(TMP / "again.jsonl", text)
report, second = fetch_and_export("again", again)
same_bytes(second, text, "the export, fetched and exported once more")

# Frames may follow each other, and plain text is as good as LZ4.
whole = b"".join(map(decoded, hours[:3]))
frames = TMP / "frames.lz4"
frames.write_bytes(b"".join(h.read_bytes() for h in hours[:2]) + b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + packed(decoded(hours[2])))
same_bytes(fetch_and_export("frames", frames)[1], whole, "three LZ4 frames and a skippable one in one object")
same_bytes(fetch_and_export("plain", write(TMP / "plain.jsonl", whole))[1], whole, "plain text")
same_bytes(fetch_and_export("cut", write(TMP / "cut.jsonl", whole[:-1]))[1], whole, "plain text whose last newline is missing")
finish()
