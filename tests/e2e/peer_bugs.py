#!/usr/bin/env -S python3 -B
"""Fifteen mistakes that published analyses of the same data made: none of them can be made here."""

import calendar
import json
import math
import re
import subprocess
import time
from decimal import Decimal

from e2e import (REAL, TMP, check, command, decoded, environment, equal, finish, hour_files, simulate, sql, tree, vigil,
                 vigil_json, write)

ANN, BOB, CAT = ("0x" + c * 40 for c in "abc")


def event(user, coin, side, px, sz, start, pnl, fee, token="USDC", crossed=True, tid=1, oid=1, direction=None, ms=0, **more):
    direction = direction or ("Buy" if side == "B" else "Sell" if coin[0] == "@" else "Open Short")
    return [user, {"coin": coin, "px": px, "sz": sz, "side": side, "time": ms, "startPosition": start, "dir": direction,
                   "closedPnl": pnl, "hash": "0x" + "1" * 64, "oid": oid, "crossed": crossed, "fee": fee, "tid": tid,
                   "feeToken": token, **more}]


def made(name, days):
    """A lake of hand-made hours: {"20260501/7": [events, ...]}, a block for each list, with its features."""
    number = 1000
    for hour in sorted(days):
        text, day, h = b"", *hour.split("/")
        for i, events in enumerate(days[hour]):
            number += 1
            stamp = f"{day[:4]}-{day[4:6]}-{day[6:]}T{int(h):02}:{i:02}:00.000000000"
            ms = calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) * 1000
            for e in events:
                e[1]["time"] = ms
            text += json.dumps({"local_time": stamp, "block_time": stamp, "block_number": number, "events": events}, separators=(",", ":")).encode() + b"\n"
        write(TMP / name / f"node_fills_by_block/hourly/{hour}.lz4", text)
    lake = TMP / name / "lake"
    vigil("fetch", TMP / name, "--lake", lake)
    vigil("features", "--lake", lake)
    return lake


def trader(lake, user, columns):
    return sql(lake, f"SELECT {columns} FROM traders WHERE user_address = '{user}'")[0]


def lake_of(name, *sources):
    lake = TMP / name
    vigil("fetch", *sources, "--lake", lake)
    vigil("features", "--lake", lake)
    return lake


hours = hour_files(simulate("market", "60k", 250, days=2, seed=31))
market = lake_of("lake", *hours)
wallets = lake_of("wallets", *sorted((REAL / "wallets").iterdir()))
midnight = lake_of("midnight", REAL / "node_fills_by_block/hourly/20260315/0.lz4")
REAL_AND_MADE = (("simulated", market), ("real wallets", wallets), ("real midnight", midnight))

# 1. Fee tokens summed as if they were dollars: $763K of volume, $670.7M of "fees".
lake = made("fees", {"20260501/0": [[
    event(ANN, "@1", "B", "0.0002", "1000000.0", "0.0", "0.0", "700.0", "PURR"),  # 700 tokens, 14 cents
    event(BOB, "@1", "A", "0.0002", "1000000.0", "1000000.0", "0.0", "0.14", "USDC", crossed=False),
    event(CAT, "BTC", "B", "100.0", "1.0", "0.0", "0.0", "50000.0", "MEME", direction="Open Long")]]})
equal([Decimal(x) for x in trader(lake, ANN, "volume, fees_paid, net_pnl")], [Decimal(200), Decimal("0.14"), 0], "1 fees: a fee in the base token is worth its price, and is not taken off twice")
equal([Decimal(x) for x in trader(lake, CAT, "fees_paid, fee_unpriced_fills")], [0, 1], "1 fees: a token without a price is counted, not summed")
for name, lake in REAL_AND_MADE:
    worst = sql(lake, "SELECT user_address, volume, fees_paid FROM traders WHERE abs(fees_paid) > volume * 0.02 AND volume > 0")
    equal(worst, [], f"1 fees: nobody pays more than 2 % of the volume, {name}")

# 2. Spot without a cost basis: an edge of 10,000 bp.
lake = made("spot", {"20260501/0": [
    [event(ANN, "@1", "A", "50.0", "100.0", "100.0", "5000.0", "0.0", direction="Sell")],
    [event(BOB, "@1", "A", "50.0", "100.0", "100.0", "5000.0", "0.0", direction="Sell"), event(BOB, "BTC", "B", "100.0", "1.0", "0.0", "0.0", "0.1", direction="Open Long")],
    [event(BOB, "BTC", "A", "101.0", "1.0", "1.0", "1.0", "0.1", direction="Close Long")]]})
equal(trader(lake, ANN, "edge_bps, edge_gross_bps, perp_volume = 0, spot_realized_pnl = 5000"), [None, None, True, True], "2 edge: a sale of tokens that were never bought here makes none")
check(abs(trader(lake, BOB, "edge_bps")[0] - 1e4 * 0.8 / 201) < 1e-9, "2 edge: spot beside perps does not change it")
for name, lake in REAL_AND_MADE:
    mixed = sql(lake, "SELECT user_address FROM traders WHERE volume != perp_volume + spot_volume + other_volume OR net_pnl != perp_net_pnl + spot_net_pnl + other_net_pnl"
                      " OR (edge_bps IS NOT NULL) != (perp_volume > 0) OR abs(edge_bps - 1e4 * perp_net_pnl::DOUBLE / perp_volume::DOUBLE) > 1e-9 * abs(edge_bps) + 1e-12")
    equal(mixed, [], f"2 edge: perps alone for every trader, {name}")

# 3. The liquidation object is on both rows of the trade: 41,307 victims became "liquidators".
rows = sql(market, "SELECT count(*), count(DISTINCT (coin, time, trade_id)), count(*) FILTER (WHERE user_address = liquidated_user)"
                   " FROM fills WHERE liquidated_user IS NOT NULL AND direction != 'Auto-Deleveraging'")
check(rows[0][0] > 100, f"3 liquidations: {rows[0][0]} rows in the simulated market")
apart = sql(market, "SELECT coin, time, trade_id FROM fills WHERE liquidated_user IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) != 2 OR count(*) FILTER (WHERE user_address = liquidated_user) != 1")
equal(apart, [], "3 liquidations: each trade has one victim and one who took it over")
sums = sql(market, "SELECT sum(liquidated_notional), sum(liq_taker_notional) FROM traders")[0]
adl = sql(market, "SELECT coalesce(sum(price * size), 0) FROM fills WHERE direction = 'Auto-Deleveraging' AND user_address != liquidated_user")[0][0]
equal(Decimal(sums[0]), Decimal(sums[1]) + Decimal(adl), "3 liquidations: victims lost what takers and the deleveraged took over")
vigil("classify", "--lake", market)
wrong = sql(market, "SELECT user_address FROM classes JOIN traders USING (user_address) WHERE profile = 'vigil' AND class = 'LIQUIDATOR' AND liq_taker_notional < volume * 0.16")
equal(wrong, [], "3 liquidations: no victim is called a liquidator")
victim = sql(wallets, "SELECT user_address FROM traders WHERE user_address LIKE '0x109a42c3%'")[0][0]
equal(trader(wallets, victim, "liquidation_fill_count, liq_taker_notional = 0, liquidated_notional > 0"), [19, True, True], "3 liquidations: 19 real rows of a victim, nothing taken over")
vigil("classify", "--lake", wallets)
called = dict(sql(wallets, f"SELECT profile, class FROM classes WHERE user_address = '{victim}'"))
check(called["compat-sql"] == "LIQUIDATOR" != called["vigil"], "3 liquidations: the published rules call this victim a liquidator, ours do not", called)

# 4. One row for a trade id: half of all rows gone.
for name, lake in (("simulated", market), ("real midnight", midnight)):
    odd = sql(lake, "SELECT coin, time, trade_id, count(*) FROM fills WHERE direction != 'Spot Dust Conversion' GROUP BY 1, 2, 3 HAVING count(*) != 2 OR count(DISTINCT side) != 2")
    equal(odd, [], f"4 rows: two for each (coin, time, trade_id), a buy and a sell, {name}")
    dust = sql(lake, "SELECT count(*) FROM fills WHERE direction = 'Spot Dust Conversion' AND trade_id != 0")[0][0]
    equal(dust, 0, f"4 rows: only dust conversions stand alone, with trade id 0, {name}")
events = sum(len(json.loads(line)["events"]) for path in hours for line in decoded(path).splitlines())
equal(sql(market, "SELECT count(*) FROM fills")[0][0], events, "4 rows: as many as the source has events")

# 5. Selection and score over the same window: everybody selected was profitable. Copying and scoring
# strategies is not part of the program yet; what there is says on which data it rests (14).
print("-       5 windows: nothing selects and scores yet; classes are as of the end of their data, see 14")

# 6. A gross Sharpe ratio over the days that had a trade.
def sharpe(days):
    if len(days) < 2:
        return None
    mean = sum(days) / len(days)
    sd = math.sqrt(sum((x - mean) ** 2 for x in days) / (len(days) - 1))
    return mean / sd * math.sqrt(365) if sd > 1e-12 else None


def near(a, b):
    return (a is None) == (b is None) and (a is None or abs(a - b) <= 1e-6 * max(1, abs(b)))


gaps, wrong = 0, []
for lake in (market, wallets, midnight):
    daily = {}
    for user, date, net in sql(lake, "SELECT user_address, date - DATE '2020-01-01', net_pnl FROM trader_daily ORDER BY ALL"):
        daily.setdefault(user, {})[int(date)] = float(net)
    for user, ratio, active, days in sql(lake, "SELECT user_address, sharpe_ratio, sharpe_active, calendar_days FROM traders"):
        own = daily[user]
        every_day = [own.get(d, 0) for d in range(min(own), max(own) + 1)]
        gaps += len(every_day) > len(own)
        if not (near(ratio, sharpe(every_day)) and near(active, sharpe(list(own.values()))) and days == len(every_day)):
            wrong.append((user, ratio, sharpe(every_day), active))
equal(wrong, [], "6 sharpe: of the net result of every calendar day, zeros included")
check(gaps > 0, f"6 sharpe: {gaps} traders had days without a fill")
equal(sql(wallets, "SELECT count(*) FROM traders t JOIN (SELECT user_address, sum(net_pnl) n FROM trader_daily GROUP BY 1) d USING (user_address)"
                   " WHERE t.net_pnl != d.n OR t.net_pnl != realized_pnl - fees_paid AND spot_volume = 0")[0][0], 0,
      "6 sharpe: the days add up to what is left after fees")

# 7. Everything aggregated again at each refresh.
refresh = TMP / "refresh"
vigil("fetch", *hours[:46], "--lake", refresh)
vigil("features", "--lake", refresh)
for path in hours[46:]:
    fetched = vigil_json("fetch", path, "--lake", refresh)
    new = sum(len(json.loads(line)["events"]) for line in decoded(path).splitlines())
    read = vigil_json("features", "--lake", refresh)["fills_read"]
    equal(read, new, f"7 refresh: an hour of {new} fills more reads {new} of {events}")
equal(sql(refresh, "SELECT * FROM traders ORDER BY ALL"), sql(market, "SELECT * FROM traders ORDER BY ALL"), "7 refresh: to the same figures")
equal(vigil_json("features", "--lake", refresh, code=3)["up_to_date"], True, "7 refresh: nothing new, nothing read")

# 8. A load that could not be repeated: 1.9 billion rows became 960 million.
before = tree(market)
vigil("fetch", *hours, "--lake", market, code=3)
vigil("fetch", *hours[10:20], *hours[5:15], "--lake", market, code=3)
equal(tree(market), before, "8 loads: the same hours again change no byte, exit 3")
again = TMP / "again"
for after in (0.02, 0.05, 0.1, 0.15, 0.2):
    process = subprocess.Popen(command("fetch", *hours, "--lake", again), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()
vigil("fetch", *hours, "--lake", again, code=None)
equal(tree(again), before, "8 loads: killed five times, then to the end: the same files and checksums")
checksum = "SELECT count(*), sum(hash(f)::HUGEINT) FROM fills f"
equal(sql(again, checksum), sql(market, checksum), "8 loads: and the same rows")

# 9. 103 files failed, and nobody was told.
broken = TMP / "broken"
for i, path in enumerate(hours[:8]):
    data = path.read_bytes()
    target = broken / "node_fills_by_block/hourly" / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if i == 3:
        continue  # absent
    if i == 5:
        write(target, b"".join(line for k, line in enumerate(decoded(path).splitlines(True)) if k != 100))  # a block is missing
        continue
    target.write_bytes(data[:-100] if i == 6 else data)  # cut
fetched = vigil("fetch", broken, "--lake", broken / "lake", code=1)
check(hours[6].name.encode() in fetched.stderr + fetched.stdout, "9 coverage: fetch names the damaged object, exit 1", fetched.stderr)
report = vigil_json("verify", "--lake", broken / "lake", code=3)
states = {h["hour"]: h["state"] for h in report["hours"]}
equal([states.get(h) for h in range(8)], ["complete"] * 3 + ["absent", "complete", "partial", "absent", "complete"], "9 coverage: every hour is complete, absent or partial, exit 3")
check(not report["clean"], "9 coverage: and the lake is not clean")
vigil("features", "--lake", broken / "lake")
coverage = vigil_json("leaderboard", "--lake", broken / "lake")["coverage"]
equal((coverage["hours_present"], coverage["hours_span"], coverage["complete"]), (6, 8, False), "9 coverage: answers say what is missing")

# 10. Buys told by the word of `dir`, which knows no flips, spot and liquidations; and sizes for notionals.
for name, lake in (("simulated", market), ("real midnight", midnight)):
    unequal = sql(lake, "SELECT coin, block_number FROM fills WHERE direction != 'Spot Dust Conversion' GROUP BY 1, 2"
                        " HAVING sum(price * size) FILTER (WHERE side = 'B') IS DISTINCT FROM sum(price * size) FILTER (WHERE side = 'A')")
    equal(unequal, [], f"10 sides: what is bought is sold, in every coin and block, {name}")
    unequal = sql(lake, "SELECT date, coin FROM coin_daily WHERE volume != taker_buy_volume + taker_sell_volume")
    equal(unequal, [], f"10 sides: takers' buys and sells are the one-sided volume, {name}")
unequal = sql(market, "SELECT c.date, c.coin FROM coin_daily c JOIN"
                      " (SELECT block_time::DATE date, coin, sum(price * size) v, sum(price * size) FILTER (WHERE side = 'B') b FROM fills WHERE crossed AND direction != 'Spot Dust Conversion' GROUP BY 1, 2) f USING (date, coin)"
                      " WHERE c.volume != f.v OR c.taker_buy_volume != coalesce(f.b, 0)")
equal(unequal, [], "10 sides: by the taker's side, in dollars")
missed = sql(market, "SELECT count(*) FROM coin_daily WHERE kind = 'spot' AND volume > 0 AND seed_buy_volume + seed_sell_volume = 0")[0][0]
check(missed > 0, f"10 sides: the word's own count stands beside it under its own name; it misses spot on {missed} coin days")

# 11. Coins of a lifetime as the largest number of any day.
def bought(coin, start="0.0"):
    return event(ANN, coin, "B", "100.0", "1.0", start, "0.0", "0.0", direction="Open Long")


lake = made("coins", {"20260501/0": [[bought("BTC"), bought("ETH")]], "20260502/0": [[bought("SOL"), bought("ETH", "1.0")]]})
equal((trader(lake, ANN, "unique_coins"), sql(lake, "SELECT max(unique_coins) FROM trader_daily")), ([3], [[2]]), "11 coins: three over two days of two each")
for name, lake in REAL_AND_MADE:
    equal(sql(lake, "SELECT user_address, unique_coins FROM traders ORDER BY ALL"),
          sql(lake, "SELECT user_address, count(DISTINCT coin) FROM fills GROUP BY 1 ORDER BY ALL"), f"11 coins: exact over the window, {name}")

# 12. The first fill of the window taken for the age of the wallet.
lake = made("age", {"20260501/0": [[event(ANN, "BTC", "A", "100.0", "1.0", "5.0", "1.0", "0.0", direction="Close Long"),
                                   event(BOB, "BTC", "B", "100.0", "1.0", "0.0", "0.0", "0.0", direction="Open Long")]]})
equal([trader(lake, u, "left_censored") for u in (ANN, BOB)], [[True], [False]], "12 age: who comes with a position was there before, and it says so")
for name, lake in REAL_AND_MADE:
    equal(sql(lake, "SELECT user_address, left_censored, first_trade FROM traders ORDER BY ALL"),
          sql(lake, "SELECT user_address, bool_or(first_start != 0), min(t) FROM (SELECT user_address, coin,"
                    " arg_min(start_position, (block_number, event_index)) first_start, min(time) t FROM fills GROUP BY ALL) GROUP BY 1 ORDER BY ALL"),
          f"12 age: of every trader, {name}")

# 13. A text that says 64 days of 127.
for name, lake in REAL_AND_MADE:
    fills, first, last = sql(lake, "SELECT count(*), strftime(min(block_time), '%Y-%m-%dT%H'), strftime(max(block_time), '%Y-%m-%dT%H') FROM fills")[0]
    coverage = vigil_json("leaderboard", "--lake", lake, code=None)["coverage"]
    equal((coverage["fills"], coverage["from"][:13], coverage["to"][:13]), (fills, first, last), f"13 coverage: counted from the data with each answer, {name}")

# 14. One set of thresholds for documents that disagree.
versions = sql(market, "SELECT profile, count(DISTINCT rule_version), min(rule_version), count(DISTINCT as_of), min(length(reason)) > 0, count(*) FROM classes GROUP BY 1 ORDER BY 1")
traders = sql(market, "SELECT count(*) FROM traders")[0][0]
equal([row[:2] + row[3:] for row in versions], [[p, 1, 1, True, traders] for p in ("compat-sql", "vigil", "vision")], "14 classes: each profile judges every trader, with its version, reason and end of data")
check(all(version.startswith(profile + "-") for profile, _, version, *_ in versions), "14 classes: versions belong to profiles", versions)
check(sql(market, "SELECT count(*) FROM (SELECT user_address FROM classes GROUP BY 1 HAVING count(DISTINCT class) > 1)")[0][0] > 0, "14 classes: profiles that disagree stand side by side")
equal(sql(market, "SELECT min(epoch_us(as_of)) = (SELECT max(epoch_ns(block_time)) // 1000 FROM blocks) FROM classes"), [[True]], "14 classes: as of the last block")

# 15. Numbers kept as texts and cast in every query.
TEXTS = {"user_address", "coin", "side", "direction", "fee_token", "tx_hash", "builder", "cloid",
         "liquidated_user", "liquidation_method", "extra", "kind", "profile", "class", "reason", "rule_version"}
for table in ("fills", "blocks", "traders", "trader_daily", "coin_daily", "episodes", "positions", "trader_coins", "classes"):
    columns = sql(market, f"SELECT column_name, column_type FROM (DESCRIBE {table})")
    texts = {name for name, kind in columns if kind == "VARCHAR"} - TEXTS
    equal(texts, set(), f"15 numbers: {table} has none as text")
money = [(n, t) for table in ("fills", "traders", "trader_daily", "coin_daily", "episodes") for n, t in sql(market, f"SELECT column_name, column_type FROM (DESCRIBE {table})")
         if not n.endswith("avg_trade_size") and re.fullmatch(r"(.*_)?(price|size|pnl|volume|fee|fees|fees_paid|notional|profit|loss|position)(_usd)?", n)]
inexact = [(n, t) for n, t in money if not t.startswith("DECIMAL")]
check(len(money) > 40 and not inexact, f"15 numbers: {len(money)} columns of money and sizes are decimals", inexact)
exact = sql(market, "SELECT (SELECT sum(price * size) FROM fills) = (SELECT sum(volume) FROM traders), (SELECT sum(closed_pnl) FROM fills) = (SELECT sum(realized_pnl) FROM traders),"
                    " (SELECT sum(volume) FROM traders) = (SELECT sum(volume) FROM trader_daily), (SELECT sum(realized_pnl) FROM traders) = (SELECT sum(realized_pnl) FROM trader_daily)")
equal(exact, [[True] * 4], "15 numbers: sums of traders, days and fills agree to the last digit")
finish()
