#!/usr/bin/env python3
"""The stateful part of `vigil features` as its users would write it: Polars to read and sort, a Python loop for
positions. Episodes flat to flat, hold times, profit per episode, win rate; floats. Run by bench/features.sh.

    polars_features.py LAKE OUTPUT FRACTION      only traders whose address ends in the first FRACTION of 256
"""
import sys

import polars as pl

lake, output, fraction = sys.argv[1], sys.argv[2], float(sys.argv[3])
wanted = [f"{i:02x}" for i in range(max(1, round(256 * fraction)))]
fills = (pl.scan_parquet(f"{lake}/fills/*/*.parquet", hive_partitioning=False)
         .filter(pl.col("user_address").str.slice(40).is_in(wanted) & ~pl.col("coin").str.contains("[@/#]"))
         .select("user_address", "coin", "block_number", "event_index", "time", "side",
                 *(pl.col(c).cast(pl.Float64) for c in ("price", "size", "start_position", "closed_pnl", "fee")))
         .sort("user_address", "coin", "block_number", "event_index").collect())
episodes = []
key = None
for user, coin, _, _, time, side, price, size, start, pnl, fee in fills.iter_rows():
    if key != (user, coin):
        key, position, opened, gross, fees, notional = (user, coin), start, None, 0.0, 0.0, 0.0
    signed = size if side == "B" else -size
    after = position + signed
    if position == 0:
        opened, gross, fees, notional = time, 0.0, 0.0, 0.0
    gross += pnl
    fees += fee
    notional += price * size
    flat = abs(after) < 1e-9
    if flat or position * after < 0:
        episodes.append((user, coin, opened, time, gross, gross - fees, notional))
        opened, gross, fees, notional = time, 0.0, 0.0, 0.0
    position = 0.0 if flat else after
table = pl.DataFrame(episodes, orient="row", schema={"user_address": pl.String, "coin": pl.String, "opened": pl.Datetime("us", "UTC"),
                     "closed": pl.Datetime("us", "UTC"), "gross": pl.Float64, "net": pl.Float64, "notional": pl.Float64})
hold = (pl.col("closed") - pl.col("opened")).dt.total_milliseconds() / 60000
table.group_by("user_address").agg(pl.len().alias("episodes"), (pl.col("net") > 0).mean().alias("win_rate"), hold.mean().alias("hold_minutes"),
                                   pl.col("net").sum(), pl.col("net").std().alias("sd")).write_parquet(f"{output}/polars.parquet")
print(len(fills), len(table))
