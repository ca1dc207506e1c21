#!/usr/bin/env -S python3 -B
"""The forms before July 2025: node_trades lines, node_fills lines, and the hour in which the forms changed."""

import json

from e2e import TMP, check, decoded, equal, finish, hour_files, leftovers, records, simulate, sql, vigil, vigil_json, write

HASH = "0x" + "12af34" * 10 + "12af"
A, B = "0x" + "a1" * 20, "0x" + "b2" * 20


def trade(second, side="B", hash_=HASH, **more):
    return json.dumps({"coin": "TURBO", "side": side, "time": f"2025-03-25T18:59:{second:02}.950677625", "px": "0.002467", "sz": "16809.0",
                       "hash": hash_, "trade_dir_override": "Na",
                       "side_info": [{"user": A, "start_pos": "1399209.0", "oid": 81782806721, "twap_id": None, "cloid": None},
                                     {"user": B, "start_pos": "-22.5", "oid": 81782806700, "twap_id": 77, "cloid": "0x" + "0c" * 16}]},
                      separators=(",", ":")).encode() + b"\n"


# node_trades
text = b"".join(trade(s, "BA"[s % 2]) for s in range(60))
path = write(TMP / "a/node_trades/hourly/20250325/18.lz4", text)
lake = TMP / "trades"
report = vigil_json("fetch", path, "--lake", lake)
equal((report["fills"], report["blocks"], report["quarantined"]), (120, 0, 0), "node_trades: two rows per line")
check(vigil("export", "--lake", lake).stdout == text, "node_trades: byte for byte")
columns = ("user_address, side, crossed, start_position::VARCHAR, order_id, twap_id, cloid, coin, price::VARCHAR, size::VARCHAR, tx_hash,"
           " epoch_ns(block_time), epoch_ms(time), block_number, event_index")
rows = sql(lake, f"SELECT {columns} FROM fills WHERE event_index IN (0, 1, 2, 3) ORDER BY event_index")
ms = 1742929140950
expected = [[user, side, crossed, start, oid, twap, cloid, "TURBO", "0.0024670000", "16809.0000000000", HASH, (ms + 1000 * second) * 10**6 + 677625, ms + 1000 * second,
             ms + 1000 * second - 10**13, 2 * second + i]
            for second, taker in ((0, "B"), (1, "A"))
            for i, (user, side, crossed, start, oid, twap, cloid) in enumerate((
                (A, "B", taker == "B", "1399209.0000000000", 81782806721, None, None),
                (B, "A", taker == "A", "-22.5000000000", 81782806700, 77, "0x" + "0c" * 16)))]
equal(rows, expected, "node_trades: buyer and seller, taker by the aggressor's side, surrogate block numbers")
missing = "direction, closed_pnl, fee, fee_token, trade_id, builder, builder_fee, deployer_fee, liquidated_user".split(", ")
equal(sql(lake, "SELECT " + ", ".join(f"count({c})" for c in missing) + " FROM fills")[0], [0] * len(missing), "node_trades: what the form lacks is NULL")
check(vigil_json("verify", "--lake", lake, code=None)["trades"]["unkeyed_rows"] == 120, "node_trades: verify counts rows without trade ids")

# node_fills: an hour of the invented market, written as it would have been then.
market = simulate("market", 60000, 300, seed=6, date="2025-07-27")
hour = next(p for p in hour_files(market) if p.parent.name == "20250727" and p.stem == "8")
blocks = [json.loads(line) for line in decoded(hour).splitlines()]


def old(block):
    for user, fill in block["events"]:
        kept = {k: v for k, v in fill.items() if k not in ("twapId", "builder", "deployerFee", "priorityGas")}
        yield json.dumps([user, kept], separators=(",", ":")).encode() + b"\n"


def minute(block):
    return int(block["block_time"][14:16]) if block["block_time"][11:13] == "08" else -1


legacy = b"".join(line for b in blocks if minute(b) < 45 for line in old(b))
new = b"".join(line + b"\n" for line, b in zip(decoded(hour).splitlines(), blocks) if minute(b) >= 50)
count = len(legacy.splitlines())
path = write(TMP / "b/node_fills/hourly/20250727/8.lz4", legacy)
lake = TMP / "legacy"
report = vigil_json("fetch", path, "--lake", lake)
equal((report["fills"], report["blocks"], report["quarantined"]), (count, 0, 0), f"node_fills: {count} lines, as many rows")
check(vigil("export", "--lake", lake).stdout == legacy, "node_fills: byte for byte")
equal(sql(lake, "SELECT count(*), count(DISTINCT (block_number, event_index)), max(block_number) < 0, count(direction), count(closed_pnl), count(fee_token), count(twap_id), count(builder) FROM fills")[0],
      [count, count, True, count, count, count, 0, 0], "node_fills: surrogate keys are unique; what the form lacks is NULL")
equal(sql(lake, "SELECT count(*) FROM fills WHERE epoch_ms(time) - 10000000000000 <> block_number OR epoch_ns(block_time) <> epoch_ms(time) * 1000000")[0], [0],
      "node_fills: the surrogate is the time, and block_time the time of the fill")

# The hour of 2025-07-27 in which the form changed.
by_block = write(TMP / "b/node_fills_by_block/hourly/20250727/8.lz4", new)
report = vigil_json("fetch", TMP / "b", "--lake", lake)
equal((report["fetched"], report["unchanged"], report["failed"]), (1, 1, 0), "the hour of the switch: both objects land")
check(vigil("export", "--lake", lake).stdout == legacy + new, "... both come back byte for byte, the older first")
verified = vigil_json("verify", "--lake", lake, code=None)
hours = verified["hours"]
new_fills = sum(len(b["events"]) for b in blocks if minute(b) >= 50)
equal([(h["date"], h["hour"], h["fills"], h["blocks"]) for h in hours], [("2025-07-27", 8, count + new_fills, len(new.splitlines()))], "... verify shows one hour that holds both")
equal(hours[0]["state"], "complete", "... which is covered from its first to its last minutes")
text = vigil("verify", "--lake", lake, code=None).stdout.decode()
check("2025-07-27" in text and f"{count + new_fills} fills" in text, "... in words too", text[:400])
together = TMP / "together"
for jobs in (1, 2):
    vigil("fetch", TMP / "b", "--lake", together, "--jobs", jobs, code=0 if jobs == 1 else 3)
equal(sorted(records(together)), sorted(records(lake)), "... and so when fetched together")
vigil("compact", "--lake", together)
check(vigil("export", "--lake", together).stdout == legacy + new, "... and when compacted")

# Rows without block numbers cannot be told apart, so their times may not overlap.
before = vigil("export", "--lake", lake).stdout
for name, path, code in (("the same fills as trades", "c/node_trades/hourly/20250727/8.lz4", trade(1).replace(b"2025-03-25T18:59", b"2025-07-27T08:20")),
                         ("another legacy file of that time", "c/history.jsonl", legacy[:len(legacy) // 2].rsplit(b"\n", 1)[0] + b"\n"),
                         ("block lines of that time", "c/node_fills_by_block/hourly/20250727/7.lz4", b"".join(line + b"\n" for line, b in zip(decoded(hour).splitlines(), blocks) if 0 <= minute(b) < 30))):
    source = write(TMP / path, code)
    result = vigil("fetch", source, "--lake", lake, code=1)
    check(str(source).encode() in result.stderr and b"node_fills/hourly/20250727/8" in result.stderr and b"same time" in result.stderr, f"{name}: refused, names both objects", result.stderr)
print("          " + result.stderr.decode().strip().split(": ", 2)[-1][:150])
check(vigil("export", "--lake", lake).stdout == before and leftovers(lake) == ([], []), "... and the lake is as before")
both = [write(TMP / "d/one.jsonl", legacy), write(TMP / "d/two.jsonl", legacy)]
for jobs in (1, 2):
    result = vigil("fetch", *both, "--lake", TMP / f"both{jobs}", "--jobs", jobs, code=1)
    check(b"two.jsonl" in result.stderr and b"one.jsonl" in result.stderr, f"two of them in one run, {jobs} jobs: the first lands, the second is refused", result.stderr)
    equal(int(sql(TMP / f"both{jobs}", "SELECT count(*) FROM fills")[0][0]), count, "... once")
mixed = write(TMP / "mixed.jsonl", legacy + new)
result = vigil("fetch", mixed, "--lake", TMP / "mixed", code=1)
check(str(mixed).encode() in result.stderr and b"split" in result.stderr, "both forms in one file: refused, told to split it", result.stderr)

# Repairing a legacy object of a compacted day.
write(TMP / "b/node_fills/hourly/20250727/8.lz4", legacy[:legacy.rstrip(b"\n").rfind(b"\n") + 1])
vigil("fetch", TMP / "b", "--lake", together)
equal(int(sql(together, "SELECT count(*) FROM fills")[0][0]), count - 1 + new_fills, "a legacy object of a compacted day that changed: replaced")

# The last objects of node_trades hold nothing.
report = vigil_json("fetch", write(TMP / "e/node_trades/hourly/20250621/23.lz4", b""), "--lake", TMP / "nothing")
equal((report["fetched"], report["fills"]), (1, 0), "a node_trades object without lines")
finish()
