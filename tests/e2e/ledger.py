#!/usr/bin/env -S python3 -B
"""The ledger of `vigil verify` against tests/reference/booking.py, on real wallets and a simulated day."""

import json
import subprocess
import sys

from e2e import REAL, ROOT, TMP, check, equal, finish, hour_files, simulate, vigil, vigil_json

sys.path.insert(0, str(ROOT / "tests/reference"))
from booking import reconcile  # noqa: E402


def text_of(path):
    return subprocess.run(["lz4", "-dc", path], check=True, capture_output=True).stdout


def booked(lake):
    """The ledger part of verify's report: kind → verdict → count, without zeros."""
    ledger = vigil_json("verify", "--lake", lake, code=None)["ledger"]
    return {kind: {v: n for v, n in row.items() if n and v != "closes"} for kind, row in ledger.items() if row["closes"]}


def plain(verdicts):
    return {kind: dict(counts) for kind, counts in verdicts.items()}


# Histories of real wallets: what the exchange booked, since the present rule (September 2024 on).
known = {
    "primetrade-2-wallets": {"perp": {"exact": 5217, "anchor": 5, "rounded": 1}, "spot": {"exact": 521, "rounded": 1}},
    "2025-10-0x109a42c3": {"perp": {"exact": 24, "anchor": 2}},
    "2026-10-05": {"perp": {"exact": 15, "anchor": 4}},
}
for name, expected in known.items():
    path = REAL / "wallets" / (name + ".lz4")
    lake = TMP / name
    vigil("fetch", path, "--lake", lake)
    found = booked(lake)
    equal(found, expected, f"{name}: every testable close agrees but for what is known")
    rows = [json.loads(line) for line in text_of(path).splitlines()]
    equal(found, plain(reconcile(rows)), f"{name}: the reference says the same")

# A simulated day: the simulator books by its own code; nothing may be unexplained.
market, lake = TMP / "market", TMP / "lake"
simulate(market, 40000, seed=11, traders=300)
vigil("fetch", market, "--lake", lake)
found = booked(lake)
check(all(set(row) <= {"exact", "anchor", "rounded", "transfer"} for row in found.values()), "simulated: nothing unexplained", found)
rows = [event for hour in hour_files(market) for line in text_of(hour).splitlines() for event in json.loads(line)["events"]]
reference = plain(reconcile(rows))
equal({k: v.get("exact") for k, v in found.items()}, {k: v.get("exact") for k, v in reference.items()}, "simulated: as many exact closes as the reference finds")
equal(found, reference, "simulated: the reference gives the same verdicts")
check(found["perp"]["exact"] > 15000 and found["spot"]["exact"] > 300, "simulated: there was something to check", found)

finish()
