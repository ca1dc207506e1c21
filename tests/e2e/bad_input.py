#!/usr/bin/env -S python3 -B
"""Damaged and hostile sources: what is wrong goes to quarantine with its place, its reason and its bytes, or the
object is refused whole; what is right lands."""

import base64
import json
import pathlib

from e2e import TMP, check, decoded, equal, finish, hour_files, leftovers, packed, records, simulate, sql, tree, vigil, vigil_json, write

market = simulate("market", 20000, 200, seed=21)
HOUR = decoded(hour_files(market)[12])
LINES = HOUR.splitlines()
FULL = [i for i, line in enumerate(LINES) if b'"events":[]' not in line]
COUNT = lambda lines: sum(len(json.loads(line)["events"]) for line in lines)
number = 0


def lake_of(source, code=3):
    """Fetches into a new lake; the report and the lake."""
    global number
    number += 1
    lake = TMP / f"lake{number}"
    result = vigil("fetch", source, "--json", "--lake", lake, code=code)
    return (json.loads(result.stdout) if result.stdout else None), lake, result.stderr.decode()


def refusals(lake):
    return [json.loads(line) for p in sorted((lake / "quarantine").glob("*.jsonl")) for line in p.read_bytes().splitlines()]


def original(refusal):
    return refusal["text"].encode() if "text" in refusal else base64.b64decode(refusal["base64"], validate=True)


def rows(lake):
    return int(sql(lake, "SELECT count(*) FROM fills")[0][0])


def source(name, data):
    return write(TMP / name / "node_fills_by_block/hourly/20260501/12.lz4", data)


def case(name, lines, expected, good, newline=b"\n", end=b"\n", fills=None):
    """`expected`: one (line index, event or None, word of the reason) per refusal."""
    text = newline.join(lines) + end
    report, lake, errors = lake_of(source(name.replace(" ", "-"), text))
    found = refusals(lake)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    ok = len(found) == len(expected) == report["quarantined"]
    for refusal, (index, event, word) in zip(found, expected):
        data = lines[index] if event is None else json.dumps(json.loads(lines[index])["events"][event], separators=(",", ":"), ensure_ascii=False).encode()
        ok = ok and refusal["source"] == "node_fills_by_block/hourly/20260501/12" and refusal["line"] == index + 1
        ok = ok and refusal["byte"] == starts[index] and refusal["event"] == event and word in refusal["reason"]
        ok = ok and original(refusal) == data and refusal["length"] == len(data)
    fills = COUNT(good) if fills is None else fills
    ok = ok and report["fills"] == fills == rows(lake) and report["blocks"] == len(good)
    check(ok, f"{name}: {len(expected)} refused with place, reason and bytes; {fills} fills of {len(good)} blocks landed",
          f"{json.dumps({k: report[k] for k in ('fills', 'blocks', 'quarantined')})}, wanted {fills}, {len(good)}, {len(expected)}\n"
          + "\n".join(json.dumps({k: str(v)[:150] for k, v in r.items()}) for r in found[:5]))
    for refusal in found[:1]:
        print(f"          {refusal['reason'][:150]}")
    record = next(iter(records(lake).values()))
    equal((record["quarantined"], record["fills"], leftovers(lake)), (len(expected), fills, ([], [])), "... the manifest counts them")
    verified = vigil_json("verify", "--lake", lake, code=3)
    equal((verified["quarantined"], verified["files_bad"]), (len(expected), 0), "... and verify exits 3")
    return report, lake


def broken(index, line):
    lines = list(LINES)
    lines[index] = line
    return lines, [(index, None, "")], LINES[:index] + LINES[index + 1:]


def edited(index, event, change):
    """The line with one fill changed; compact JSON, keys in order."""
    block = json.loads(LINES[index])
    change(block["events"][event])
    return json.dumps(block, separators=(",", ":"), ensure_ascii=False).encode()


MANY = max(range(len(LINES)), key=lambda i: len(LINES[i]))
middle = FULL[len(FULL) // 2]
line = LINES[middle]

# Whole lines.
lines, expected, good = broken(middle, line[:-3] + b"]}}")
case("a malformed line", lines, [(middle, None, "malformed JSON")], good)
lines, expected, good = broken(middle, b"not json at all")
case("a line that is no JSON", lines, [(middle, None, "malformed JSON")], good)
lines, expected, good = broken(middle, line.replace(b'"dir":"', b'"dir":"\xff\xfe', 1))
case("bad UTF-8", lines, [(middle, None, "UTF-8")], good)
lines, expected, good = broken(middle, line.replace(b'"coin":"', b'"coin":"\x00', 1))
case("a NUL byte in a text", lines, [(middle, None, "control character")], good)
lines, expected, good = broken(middle, line[:60] + b"\x00" + line[60:])
case("a NUL byte between", lines, [(middle, None, "")], good)
lines, expected, good = broken(middle, b'{"local_time":"x","block_time":"2026-05-01T12:00:00.000000000","block_number":1,"events":[]}')
case("a time that is none", lines, [(middle, None, "local_time")], good)
lines, expected, good = broken(middle, line.replace(b'"block_number":', b'"block_number":-', 1))
case("a negative block number", lines, [(middle, None, "block_number")], good)
lines, expected, good = broken(middle, line.replace(b'"block_number":', b'"block_number":99999999999999999999', 1))
case("a block number of thirty digits", lines, [(middle, None, "block_number")], good)
lines, expected, good = broken(middle, line.replace(b'"block_number"', b'"block_time":"2026-05-01T12:00:00.000000000","block_number"', 1))
case("a key twice", lines, [(middle, None, "twice")], good)
lines, expected, good = broken(middle, b"[" * 100000 + b"]" * 100000)
case("a hundred thousand brackets", lines, [(middle, None, "")], good)
lines, expected, good = broken(middle, b'{"a":' * 5000 + b"1" + b"}" * 5000)
case("five thousand objects in each other", lines, [(middle, None, "nested too deep")], good)
lines, expected, good = broken(middle, b'"just a text"')
case("a line that is a text", lines, [(middle, None, "")], good)
case("a cut last line", LINES[:middle + 1][:-1] + [line[:len(line) // 2]], [(middle, None, "cut off")], LINES[:middle], end=b"")
lines = list(LINES)
for i in FULL[::3]:
    lines[i] = lines[i][:-1]
case("every third line broken", lines, [(i, None, "malformed JSON") for i in FULL[::3]], [l for i, l in enumerate(LINES) if i not in FULL[::3]])
block = json.loads(LINES[MANY])
block["events"] = block["events"] * (3000 // len(block["events"]) + 1)
text = json.dumps(block, separators=(",", ":")).encode()
lines, expected, good = broken(MANY, text[:-2] + b",]}")
case("an error at the very end of a line of 3,000 fills", lines, [(MANY, None, "")], good)


# Single fills: their neighbours on the line land.
def fill_case(name, word, change, event=0):
    changed = edited(middle, event, change)
    lines = list(LINES)
    lines[middle] = changed
    case(name, lines, [(middle, event, word)], LINES, fills=COUNT(LINES) - 1)


fill_case("a price of 25 digits", "px", lambda e: e[1].update(px="1" * 25))
fill_case("a size with 11 decimals", "sz", lambda e: e[1].update(sz="0.12345678901"))
fill_case("an integer part of 21 digits", "startPosition", lambda e: e[1].update(startPosition="-" + "9" * 21 + ".0"))
fill_case("a number in scientific notation", "px", lambda e: e[1].update(px="1e5"))
fill_case("a price that is a number", "px", lambda e: e[1].update(px=1.5))
fill_case("a price that is no number", "px", lambda e: e[1].update(px="NaN"))
fill_case("a negative price", "px", lambda e: e[1].update(px="-1.0"))
fill_case("a side that is none", "side", lambda e: e[1].update(side="C"))
fill_case("a time that is a text", "time", lambda e: e[1].update(time="1777636800000"))
fill_case("an order of 25 digits", "oid", lambda e: e[1].update(oid=10**25))
fill_case("a flag that is a number", "crossed", lambda e: e[1].update(crossed=1))
fill_case("an address of 39 digits", "user", lambda e: e.__setitem__(0, e[0][:-1]))
fill_case("an address with capitals", "user", lambda e: e.__setitem__(0, e[0].upper().replace("0X", "0x")))
fill_case("a hash of 63 digits", "hash", lambda e: e[1].update(hash=e[1]["hash"][:-1]))
fill_case("a missing price", "px", lambda e: e[1].pop("px"))
fill_case("no coin", "coin", lambda e: e[1].update(coin=""))
fill_case("a coin of 300 bytes", "coin", lambda e: e[1].update(coin="X" * 300))
fill_case("three members instead of two", "event", lambda e: e.append(1))
fill_case("a fill that is a list", "fill", lambda e: e.__setitem__(1, [1, 2]), event=1)
block = json.loads(line)
block["events"].insert(1, 17)
lines = list(LINES)
lines[middle] = json.dumps(block, separators=(",", ":")).encode()
case("an event that is a number", lines, [(middle, 1, "")], LINES, fills=COUNT(LINES))

# The widest numbers that fit are kept to the last digit; unknown keys and odd texts too.
widest = {"px": "99999999999999999999.9999999999", "sz": "0.0000000001", "startPosition": "-99999999999999999999.9999999999",
          "closedPnl": "-0.0000000001", "priorityGas": "12.50", "unheard": {"of": [1, 2.50, "\\u00e9"]}}
lines = list(LINES)
lines[middle] = edited(middle, 0, lambda e: e[1].update(widest))
report, lake, _ = lake_of(source("widest", b"\n".join(lines) + b"\n"), code=0)
user = json.loads(line)["events"][0][0]
back = [l for l in vigil("export", "--lake", lake).stdout.splitlines() if b"99999999999999999999.9999999999" in l]
kept = json.loads(back[0])["events"][0][1]
equal({k: kept.get(k) for k in widest}, widest, "the widest numbers and unknown keys land and come back")

# Blocks that come again.
dup = FULL[3]
report, lake, _ = lake_of(source("dup", b"\n".join(LINES[:dup + 1] + [LINES[dup]] + LINES[dup + 1:] + [LINES[dup]]) + b"\n"), code=0)
equal((report["fills"], report["blocks"], report["duplicate_blocks"], report["quarantined"], rows(lake)), (COUNT(LINES), len(LINES), 2, 0, COUNT(LINES)),
      "a block again, at once and at the end of the file: taken once")
other = edited(dup, 0, lambda e: e[1].update(px="1.0"))
lines = LINES + [other]
case("a block again with other events", lines, [(len(LINES), None, "already there with other events")], LINES)
reordered = LINES[::-1]
report, lake, _ = lake_of(source("order", b"\n".join(reordered) + b"\n"), code=0)
text = vigil("export", "--lake", lake).stdout
equal((report["fills"], text == HOUR), (COUNT(LINES), True), "blocks out of order: all there, exported in order")
split = TMP / "split/node_fills_by_block/hourly/20260501"
half = len(LINES) // 2
write(split / "12.lz4", b"\n".join(LINES[:half + 20]) + b"\n")
write(split / "13.lz4", b"\n".join(LINES[half - 20:]) + b"\n")
lakes = []
for jobs in (1, 2):
    lake = TMP / f"split{jobs}"
    report = vigil_json("fetch", split, "--jobs", jobs, "--lake", lake)
    equal((report["fills"], report["duplicate_blocks"], vigil("export", "--lake", lake).stdout == HOUR), (COUNT(LINES), 40, True),
          f"forty blocks in two files, {jobs} jobs: taken once")
    lakes.append(tree(lake))
equal(lakes[0], lakes[1], "... the same bytes")
clash = list(LINES[half - 20:])
at = next(i for i, l in enumerate(clash) if b'"events":[]' not in l)
clash[at] = clash[at].replace(b'"sz":"', b'"sz":"1', 1)
write(split / "13.lz4", b"\n".join(clash) + b"\n")
report, lake, _ = lake_of(split)
found = refusals(lake)
check(report["quarantined"] == 1 == len(found) and original(found[0]) == clash[at] and found[0]["line"] == at + 1 and found[0]["source"].endswith("/13"),
      "a block in two files with other events: the first stays, the second is refused", found)
equal((rows(lake), vigil("export", "--lake", lake).stdout == HOUR), (COUNT(LINES), True), "... and the lake has the first")
jump = [l.replace(b"2026-05-01T12", b"2026-05-02T12").replace(b"T12:", b"T12:") if i % 2 else l for i, l in enumerate(LINES)]
report, lake, _ = lake_of(source("jump", b"\n".join(jump) + b"\n"), code=None)
equal((report["fills"], rows(lake), leftovers(lake), [int(x) for x in sql(lake, "SELECT count(*), count(DISTINCT block_number) FROM blocks")[0]]),
      (COUNT(LINES), COUNT(LINES), ([], []), [len(LINES)] * 2), "blocks whose day goes to and fro: all there, once")

# Whole objects.
frame = packed(HOUR)
flipped = bytearray(frame)
flipped[len(frame) // 2] ^= 0x10
sum_flipped = bytearray(frame)
sum_flipped[-2] ^= 1
for name, data, word in (("cut LZ4", frame[:len(frame) // 2], "cut"), ("LZ4 without its last byte", frame[:-1], "cut"),
                         ("LZ4 with a flipped bit", bytes(flipped), "damaged"), ("LZ4 with another checksum", bytes(sum_flipped), "damaged"),
                         ("an empty .lz4", b"", "empty"), ("plain text named .lz4", HOUR, "LZ4"), ("LZ4 with rubbish behind it", frame + b"rubbish!", "LZ4")):
    path = TMP / name.replace(" ", "-") / "node_fills_by_block/hourly/20260501/12.lz4"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    write(path.with_name("13.lz4"), decoded(hour_files(market)[13]))
    report, lake, errors = lake_of(path.parent, code=1)
    check(str(path) in errors and word in errors and list(records(lake)) == ["20260501-13.json"] and leftovers(lake) == ([], [])
          and report["failed"] == 1 and report["fetched"] == 1 and not refusals(lake),
          f"{name}: exit 1, nothing of it, the other object landed", (errors, list(records(lake)), leftovers(lake)))
    print("          " + errors.strip().split(": ", 2)[-1][:150])
    path.write_bytes(frame)
    vigil("fetch", path.parent, "--lake", lake)
    equal(len(records(lake)), 2, "... mended and fetched again: there")

report, lake, errors = lake_of(write(TMP / "empty.jsonl", b""), code=0)
equal((report["fetched"], report["fills"], rows(lake)), (1, 0, 0), "an empty file: an object without fills")
vigil("fetch", TMP / "empty.jsonl", "--lake", lake, code=3)
report, lake, errors = lake_of(source("nothing", b""), code=0)
equal((report["fetched"], report["fills"]), (1, 0), "an LZ4 frame of nothing")
report, lake, errors = lake_of(write(TMP / "blank.jsonl", b"\n\n" + LINES[0] + b"\n\n"), code=0)
equal((report["blocks"], report["quarantined"]), (1, 0), "blank lines are no records")
report, lake, errors = lake_of(write(TMP / "crlf.jsonl", b"\r\n".join(LINES) + b"\r\n"), code=0)
equal((report["fills"], vigil("export", "--lake", lake).stdout == HOUR), (COUNT(LINES), True), "lines that end in CR LF")
pretty = b"".join(json.dumps(dict(reversed(json.loads(l).items()))).encode() + b"\n" for l in LINES)
report, lake, errors = lake_of(write(TMP / "pretty.jsonl", pretty), code=0)
equal((report["fills"], vigil("export", "--lake", lake).stdout == HOUR), (COUNT(LINES), True), "another order of keys, and spaces: the same rows")

# One block of about 25,000 fills on a line of 10 MB, and one line that is too long for anybody.
events = [e for l in LINES for e in json.loads(l)["events"]]
template = json.loads(line)
template["events"] = (events * (25000 // len(events) + 1))[:25000]
long_line = json.dumps(template, separators=(",", ":")).encode()
lines = list(LINES)
lines[middle] = long_line
report, lake, _ = lake_of(source("long", b"\n".join(lines) + b"\n"), code=0)
expected = COUNT(LINES) - COUNT([line]) + 25000
equal((report["fills"], rows(lake)), (expected, expected), f"a line of {len(long_line) / 1e6:.1f} MB with 25,000 fills")
check(vigil("export", "--lake", lake).stdout == b"\n".join(lines) + b"\n", "... comes back byte for byte")
giant = b'{"local_time":"' + b"x" * (70 << 20) + b'"}'
report, lake, _ = lake_of(write(TMP / "giant.lz4", LINES[0] + b"\n" + giant + b"\n" + line + b"\n"))
found = refusals(lake)
check(len(found) == 1 and found[0]["line"] == 2 and found[0]["length"] == len(giant) and giant.startswith(original(found[0])) and "longer" in found[0]["reason"],
      "a line of 70 MB: refused, its beginning kept, its length told", str(found)[:500])
equal((report["blocks"], rows(lake)), (2, COUNT([LINES[0], line])), "... and the lines around it landed")
finish()
