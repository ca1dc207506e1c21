#!/usr/bin/env python3
"""Turns raw samples of real exchange records, as found in public repositories, into tests/data/real/.

    tools/convert-real-samples.py SAMPLES [OUTPUT]

SAMPLES holds one folder per repository ("owner__name") with the files named below. OUTPUT is
tests/data/real unless given. Node files keep their bytes; wallet histories become lines of the
exchange's legacy form, ["0xuser",{fill}], oldest first. Nothing is invented: keys that a source
lacks are left out. tests/data/real/README.md says what came from where.
"""

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal

# The exchange's order of keys.
KEYS = ["coin", "px", "sz", "side", "time", "startPosition", "dir", "closedPnl", "hash", "oid", "crossed", "fee",
        "builderFee", "tid", "cloid", "liquidation", "feeToken", "builder", "twapId", "deployerFee"]

ADDRESS = re.compile(r"0x[0-9a-f]{40}")
HASH = re.compile(r"0x[0-9a-f]{64}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?")
IST = timezone(timedelta(hours=5, minutes=30))


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def write_lz4(path, data):
    """One LZ4 frame like the exchange's: blocks of 4 MiB, a content checksum, no content size."""
    command = ["lz4", "-q", "-9", "-B7", "--no-content-size", "-c"]
    write(path, subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout)


def legacy_lines(fills):
    """fills: (user, fill) pairs."""
    lines = []
    for user, fill in fills:
        if not ADDRESS.fullmatch(user):
            sys.exit("not an address: %r" % user)
        unknown = set(fill) - set(KEYS)
        if unknown:
            sys.exit("keys without a place: %s" % ", ".join(sorted(unknown)))
        ordered = {key: fill[key] for key in KEYS if key in fill}
        lines.append(json.dumps([user, ordered], separators=(",", ":"), ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def exchange_number(cell):
    """A spreadsheet's number in the exchange's form: plain, with a point, no further trailing zeros."""
    if not NUMBER.fullmatch(cell):
        raise ValueError("not a number: %r" % cell)
    text = format(Decimal(cell), "f")
    if "." not in text:
        text += ".0"
    whole, _, fraction = text.partition(".")
    return whole + "." + (fraction.rstrip("0") or "0")


def primetrade_fill(row):
    """One row of the spreadsheet. Raises ValueError when it cannot be converted."""
    if not ADDRESS.fullmatch(row["Account"]):
        raise ValueError("not an address: %r" % row["Account"])
    if not HASH.fullmatch(row["Transaction Hash"]):
        raise ValueError("not a hash: %r" % row["Transaction Hash"])
    if not re.fullmatch("[0-9]+", row["Order ID"]):
        raise ValueError("not an order id: %r" % row["Order ID"])
    if not row["Coin"] or not row["Direction"]:
        raise ValueError("an empty cell")
    try:
        side = {"BUY": "B", "SELL": "A"}[row["Side"]]
        crossed = {"TRUE": True, "FALSE": False}[row["Crossed"]]
    except KeyError as error:
        raise ValueError("unknown word %s" % error) from None
    time = datetime.strptime(row["Timestamp IST"], "%d-%m-%Y %H:%M").replace(tzinfo=IST)
    return {
        "coin": row["Coin"],
        "px": exchange_number(row["Execution Price"]),
        "sz": exchange_number(row["Size Tokens"]),
        "side": side,
        "time": int(time.timestamp()) * 1000,
        "startPosition": exchange_number(row["Start Position"]),
        "dir": row["Direction"],
        "closedPnl": exchange_number(row["Closed PnL"]),
        "hash": row["Transaction Hash"],
        "oid": int(row["Order ID"]),
        "crossed": crossed,
        "fee": exchange_number(row["Fee"]),
    }


def primetrade(samples):
    path = os.path.join(samples, "Auraangel07__trader-sentiment-analysis/historical_data.csv.gz")
    fills, refused = [], 0
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                fills.append((row["Account"], primetrade_fill(row)))
            except ValueError as error:
                refused += 1
                print("historical_data.csv line %d left out: %s" % (number, error), file=sys.stderr)
    # Times are whole minutes; a stable sort keeps the file's order, which is the order of execution
    # of every (wallet, coin).
    fills.sort(key=lambda pair: pair[1]["time"])
    return fills, refused


def sdk_recording(samples):
    path = os.path.join(samples, "hyperliquid-dex__hyperliquid-python-sdk/test_get_user_fills.json")
    with open(path, encoding="utf-8") as file:
        (recording,) = json.load(file)
    # Times descend, but in 2023 the rows of one millisecond stood in the order of execution: a stable
    # sort by time explains every startPosition, a plain reversal does not.
    user, fills = recording["request"]["user"], recording["response"]
    return [(user, fill) for fill in sorted(fills, key=lambda fill: fill["time"])]


def liquidated_wallet(samples):
    path = os.path.join(samples, "gblack686__hyperliquid-python-sdk/raw_fills_2026-01-30.json")
    with open(path, encoding="utf-8") as file:
        fills = json.load(file)
    # The file does not name its wallet, but all its liquidations are the wallet's own: they take
    # (crossed), they close, and they name one address.
    own = [fill for fill in fills if "liquidation" in fill]
    if not all(fill["crossed"] and fill["dir"].startswith("Close") for fill in own):
        sys.exit("a liquidation that is not the wallet's own")
    (user,) = {fill["liquidation"]["liquidatedUser"] for fill in own}
    # Newest first throughout, also within one millisecond.
    return [(user, fill) for fill in reversed(fills)]


def websocket_capture(samples):
    """The snapshot is oldest first, and the frames are in the order of their arrival."""
    path = os.path.join(samples, "ArthurMateus__Copytrade-Test/ws_messages.jsonl")
    fills = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            frame = json.loads(line)
            if frame["channel"] == "userFills":
                fills += [(frame["data"]["user"], fill) for fill in frame["data"]["fills"]]
    return fills


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    samples = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    output = sys.argv[2] if len(sys.argv) == 3 else os.path.join(here, "..", "tests", "data", "real")

    def node_file(name):
        with open(os.path.join(samples, name), "rb") as file:
            return file.read()

    exomonk = node_file("ExoMonk__hypercore-indexer/node_fills_by_block_20260315_0_first10.jsonl")
    blocks = node_file("packethog__order_book_server/node_fills_by_block_20260430_20_btc.jsonl")
    streaming = node_file("packethog__order_book_server/node_fills_streaming_20260430_20_btc.jsonl")
    write_lz4(os.path.join(output, "node_fills_by_block/hourly/20260315/0.lz4"), exomonk)
    write_lz4(os.path.join(output, "node_fills_by_block/hourly/20260430/20.lz4"), blocks)
    write(os.path.join(output, "node_fills_streaming/hourly/20260430/20"), streaming)
    for name, data in (("20260315/0", exomonk), ("20260430/20", blocks), ("20260430/20 streaming", streaming)):
        print("%-40s %6d lines" % (name, data.count(b"\n")))

    primetrade_fills, refused = primetrade(samples)
    for name, fills in (
        ("primetrade-2-wallets.lz4", primetrade_fills),
        ("2023-05-05-0xb7b6f3ce.lz4", sdk_recording(samples)),
        ("2025-10-0x109a42c3.lz4", liquidated_wallet(samples)),
        ("2026-10-05.lz4", websocket_capture(samples)),
    ):
        write_lz4(os.path.join(output, "wallets", name), legacy_lines(fills))
        print("%-40s %6d fills" % (name, len(fills)))
    print("spreadsheet rows left out: %d" % refused)


if __name__ == "__main__":
    main()
