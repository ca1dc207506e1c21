#!/usr/bin/env -S python3 -B
"""Every column of `vigil features` against tests/reference/features.py, on a simulated market, on real records and on a
market of odd rows; and identities that hold whatever the definitions."""

import json
import pathlib
import random
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from e2e import REAL, ROOT, TMP, check, equal, finish, simulate, vigil, vigil_json, write

sys.path.insert(0, str(ROOT / "tests/reference"))  # first: this script has the name of the reference
from features import Market, decimals_of  # noqa: E402

TIMES = {"first_trade", "last_trade", "open_time", "close_time"}
KEYS = {"traders": ("user_address",), "trader_daily": ("date", "user_address"), "coin_daily": ("date", "coin"),
        "episodes": ("user_address", "coin", "open_time", "close_time"), "positions": ("user_address", "coin"),
        "trader_coins": ("user_address", "coin")}
# Episodes of one coin may begin and end in one millisecond: what tells them apart then.
TIES = ("opened_notional", "closed_notional", "gross_pnl", "fees_usd", "fills")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ALWAYS = {("positions", "close_time"), ("positions", "broken"), ("episodes", "last_price")}  # NULL, false, NULL
SHOWN = 3  # differences of a column


# --- the comparison -----------------------------------------------------------------------------------------------


def milliseconds(text):
    """Of 2026-05-01 00:00:00.123+00."""
    moment, _, _ = text.partition("+")
    seconds, _, fraction = moment.partition(".")
    since = datetime.strptime(seconds, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc) - EPOCH
    return (since // timedelta(seconds=1)) * 1000 + int((fraction + "000")[:3])


def from_sql(value, expected):
    """A value of JSON in the type that the reference has there: exact numbers are texts in JSON."""
    return Decimal(value) if isinstance(value, str) and (expected is None or isinstance(expected, Decimal)) else value


def same(found, expected):
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return abs(found - expected) <= max(1e-12, 1e-9 * abs(expected))
    return type(found) is type(expected) and found == expected


def by_key(rows, key, ties):
    """Key → row; a number goes on where the key repeats, in the order of `ties`."""
    result = {}
    seen = Counter()
    for row in sorted(rows, key=lambda row: [str(row[k]) for k in key] + [Decimal(row[t]) for t in ties]):
        name = tuple(row[k] for k in key)
        result[name + (seen[name],) if seen[name] else name] = row
        seen[name] += 1
    return result


def table_of(lake, name):
    answer = vigil_json("sql", f"SELECT * FROM {name}", "--lake", lake)
    rows = [dict(zip(answer["columns"], row)) for row in answer["rows"]]
    for row in rows:
        for time in TIMES & row.keys():
            row[time] = milliseconds(row[time]) if row[time] else None
    return answer["columns"], rows


compared = defaultdict(set)  # (table, column) → the first values met, to see that there was something to compare


def compare(lake, name, expected_rows, what):
    """One table, row by row and column by column; a check for the rows and one for all columns."""
    columns, rows = table_of(lake, name)
    ties = TIES if name == "episodes" else ()
    found, expected = by_key(rows, KEYS[name], ties), by_key(expected_rows, KEYS[name], ties)
    lacking, extra = sorted(expected.keys() - found.keys(), key=str), sorted(found.keys() - expected.keys(), key=str)
    check(not lacking and not extra, f"{what}: {name} has the {len(expected)} rows that the reference has",
          f"{len(lacking)} missing, the first {lacking[:SHOWN]}\n{len(extra)} too many, the first {extra[:SHOWN]}")
    if not expected:
        return
    names = list(next(iter(expected.values())))
    equal(columns, names, f"{what}: {name} has the columns of the reference, in its order")
    differences = defaultdict(list)
    for key in expected.keys() & found.keys():
        for column in set(names) & set(columns):
            want = expected[key][column]
            if len(compared[name, column]) < 3:
                compared[name, column].add(want)
            have = from_sql(found[key][column], want)
            if not same(have, want):
                differences[column].append((key, have, want))
    check(not differences, f"{what}: {name} agrees in every column", f"{len(differences)} of {len(names)} columns differ")
    for column in sorted(differences, key=names.index):
        of = differences[column]
        print(f"        {column}: {len(of)} of {len(expected)} rows")
        for key, have, want in sorted(of, key=str)[:SHOWN]:
            print(f"            {' '.join(map(str, key))}: found {have}, expected {want}")


def compare_lake(lake, what):
    """Runs features on a lake and compares all tables. Returns the reference's market."""
    vigil("features", "--lake", lake, "--quiet")
    market = Market(vigil("export", "--format", "node-fills", "--lake", lake).stdout.decode().splitlines())
    for name, table in market.tables().items():
        compare(lake, name, list(table.values()) if isinstance(table, dict) else table, what)
    return market


# --- identities ---------------------------------------------------------------------------------------------------


def notional(rows):
    return sum((row.v for row in rows), Decimal(0))


def identities(market, what):
    """What must hold for a record that is whole, from the reference's own output."""
    tables = market.tables()
    trades = [row for row in market.rows if row.trade_row]
    by_coin = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in trades:
        by_coin[row.coin][row.buys] += row.v
    check(all(bought == sold for sold, bought in by_coin.values()), f"{what}: buyers' notional is sellers' in {len(by_coin)} coins")
    victims, takers = (sum(row[column] for row in tables["traders"].values()) for column in ("liquidated_notional", "liq_taker_notional"))
    deleveraged = notional(row for row in trades if row.victim not in (None, row.user) and row.direction == "Auto-Deleveraging")
    check(victims and victims == takers + deleveraged, f"{what}: victims' notional is that of takers and of the auto-deleveraged",
          f"{victims} victims, {takers} takers, {deleveraged} auto-deleveraged")

    # What traders did in their coins adds up to what they did.
    sums = defaultdict(Decimal)
    for row in tables["trader_coins"].values():
        for column in ("volume", "realized_pnl", "fees_paid", "net_pnl", "fill_count"):
            sums[row["user_address"], column] += row[column]
    check(sums and all(tables["traders"][user][column] == value for (user, column), value in sums.items()),
          f"{what}: figures of {len(tables['trader_coins'])} traders' coins add up to the traders'")

    # Every trade moves two positions against each other, so what is open in the end was open at the start.
    ends, starts = defaultdict(Decimal), defaultdict(Decimal)
    for row in tables["positions"]:
        ends[row["coin"]] += row["position"]
    for trader in market.traders.values():
        for coin, position in trader.positions.items():
            starts[coin] += position.first.start
    equal(sum(row["gap_count"] for row in tables["traders"].values()), 0, f"{what}: no gaps")
    check(all(ends[coin] == starts[coin] for coin in starts), f"{what}: positions of {len(starts)} perps add up to those at the start",
          {coin: (str(ends[coin]), str(starts[coin])) for coin in starts if ends[coin] != starts[coin]})

    # Marked to market and booked profit are one thing once a position is flat, but for floored entries.
    digits = decimals_of(market.rows)
    flat = [episode for trader in market.traders.values() for episode, _ in trader.completed if not episode.left_censored]
    wrong = []
    for episode in flat:
        gain = (episode.closed_notional - episode.opened_notional) * (1 if episode.side == "long" else -1)
        if abs(gain - episode.gross) > episode.closed * Decimal(10) ** (digits[episode.coin] - 6):
            wrong.append((episode.user, episode.coin, str(gain), str(episode.gross)))
    check(flat and not wrong, f"{what}: booked profit of {len(flat)} episodes is money out - money in, within the exchange's rounding", wrong[:SHOWN])
    paths, wrong = 0, []
    for user, trader in market.traders.items():
        perps = trader.positions.values()
        if not perps or any(position.first.start or position.quantity for position in perps):
            continue
        paths += 1
        row = tables["traders"][user]
        room = sum(e.closed * Decimal(10) ** (digits[e.coin] - 6) for e, _ in trader.completed)
        if abs(row["net_pnl_mtm"] - row["perp_net_pnl"]) > room:
            wrong.append((user, str(row["net_pnl_mtm"]), str(row["perp_net_pnl"]), str(room)))
    check(paths and not wrong, f"{what}: marked to market is booked profit for {paths} traders who begin and end flat", wrong[:SHOWN])

    # With size weights any matching of closes to openings gives the same hold: the integral of |P| over the path.
    wrong = [(e.user, e.coin, e.open_time) for e in flat if abs(e.size_times_hold - e.size_times_time) > Decimal("1e-60") * (1 + e.size_times_time)]
    check(not wrong, f"{what}: weighted hold is the integral of the position over {len(flat)} episodes", wrong[:SHOWN])

    sums = [("volume", "volume"), ("realized_pnl", "realized_pnl"), ("fees_paid", "fees_paid"), ("net_pnl", "net_pnl"), ("fill_count", "fill_count"),
            ("order_count", "order_count"), ("episode_count", "episode_count")]
    days = defaultdict(lambda: defaultdict(Decimal))
    for (_, user), row in tables["trader_daily"].items():
        for column, _ in sums:
            days[user][column] += row[column]
        days[user]["net_pnl_mtm"] += row["net_pnl_mtm"] + row["net_pnl_mtm_idle"]
    check(all(days[user][column] == row[total] for user, row in tables["traders"].items() for column, total in sums + [("net_pnl_mtm",) * 2]),
          f"{what}: days add up to totals")


# --- a market of odd rows -----------------------------------------------------------------------------------------


class Oddities:
    """Block lines that no exchange would write all at once: gaps, flips, trades with oneself, rows that no order made,
    unknown words, fees in every token, orders that rest for days, liquidations of every form, idle days."""

    COINS = ("BTC", "ETH", "xyz:NVDA", "@107", "@166", "PURR/USDC", "#10")
    TOKENS = {"@107": "HYPE", "@166": "USDT0", "PURR/USDC": "PURR", "#10": "+10", "xyz:NVDA": "USDH"}
    WORDS = ("Open Long", "Close Long", "Open Short", "Close Short", "Long > Short", "Short > Long")
    SYSTEM = ("Spot Dust Conversion", "Net Child Vaults", "Settlement", "Split Outcome", "Merge Outcome", "Merge Question", "Negate Outcome")
    START = 1_777_600_000_000  # 2026-05-01, shortly after midnight

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.users = ["0x" + f"{i:02x}" * 20 for i in range(1, 9)]
        self.positions, self.price = defaultdict(Decimal), {coin: Decimal(100 + 10 * i) for i, coin in enumerate(self.COINS)}
        for user in self.users:
            for coin in self.COINS[:3]:
                self.positions[user, coin] = Decimal(self.random.choice((0, 0, 5, -3, 40)))
        self.orders, self.last_order, self.time, self.trade, self.hash = defaultdict(list), 10**9, self.START, 1000, 0

    def maybe(self, share):
        return self.random.random() < share

    def size(self, held):
        if 0 < abs(held) < 300 and self.maybe(0.5):
            return abs(held) + (1 if self.maybe(0.3) else 0)  # to flat, or past it
        return Decimal(self.random.choice(("0.01", "0.5", "1", "1.25", "3", "12", "0.375", "100.5")))

    def direction(self, coin, side, start, size):
        if coin[0] in "@#" or "/" in coin:
            return "Buy" if side == "B" else "Sell"
        if self.maybe(0.03):
            return self.random.choice(self.WORDS + ("Auto-Deleveraging", "Liquidated Cross Long", "Liquidated Isolated Short", "Whatever Else"))
        ours, other = ("Long", "Short") if side == "B" else ("Short", "Long")
        if start == 0 or (start > 0) == (side == "B"):
            return f"Open {ours}"
        return f"Close {other}" if size <= abs(start) else f"{other} > {ours}"

    def order(self, user, coin):
        mine = self.orders[user, coin]
        if not mine or self.maybe(0.4):
            self.last_order += 1
            mine.append(self.last_order)
        return mine[-1] if self.maybe(0.8) else self.random.choice(mine)

    def fill(self, user, coin, side, price, size, crossed, **given):
        start = self.positions[user, coin]
        if self.maybe(0.01):
            start += self.random.choice((1, -2, 7))  # something is missing before this row
        if start and self.maybe(0.01):
            start = Decimal(0)
        size = size if size is not None else self.size(start)
        fill = {"coin": coin, "px": str(price), "sz": str(size), "side": side, "time": self.time, "startPosition": str(start),
                "dir": self.direction(coin, side, start, size), "closedPnl": str(self.pnl(start, side)), "hash": f"0x{self.hash:064x}",
                "oid": self.order(user, coin), "crossed": crossed, "fee": self.fee(price, size), "tid": self.trade, "feeToken": "USDC", "twapId": None}
        token = self.TOKENS.get(coin)
        if token and self.maybe(0.6):
            fill["feeToken"] = token
        if self.maybe(0.03):
            fill["feeToken"] = "HYPE"
        if self.maybe(0.03):
            del fill["feeToken"]
        if self.maybe(0.1):
            fill["builder"] = "0x" + "b1" * 20
            fill["builderFee"] = "0.001"
        if self.maybe(0.05):
            fill["twapId"] = 5
        fill.update(given)
        self.positions[user, coin] = start + (size if side == "B" else -size)
        return [user, fill]

    def pnl(self, start, side):
        if not start or (start > 0) == (side == "B"):
            return "0.0"
        return Decimal(self.random.choice((-25, -3, 0, 2, 10, 33))) / 8

    def fee(self, price, size):
        return str((price * size * self.random.choice((-1, 0, 2, 5)) / 10000).quantize(Decimal("1e-6")))

    def events(self):
        """One thing that happens: mostly a trade between two, both rows."""
        coin, side = self.random.choice(self.COINS), self.random.choice("BA")
        self.trade += 1
        if self.maybe(0.7):
            self.hash += 1
        if self.maybe(0.1):
            self.hash = 0 if self.maybe(0.5) else self.trade
        self.price[coin] = max(Decimal(1), self.price[coin] + Decimal(self.random.randint(-20, 20)) / 10)
        price, other = self.price[coin], "A" if side == "B" else "B"
        taker, maker = self.random.sample(self.users, 2)
        if self.maybe(0.04):
            user, word = taker, self.random.choice(self.SYSTEM)
            return [self.fill(user, coin, side, price, None, self.maybe(0.5), dir=word, tid=0, fee="0.0")]
        if self.maybe(0.05):  # a trade with oneself: nothing moves, or one row after the other
            first = self.fill(taker, coin, side, price, Decimal(2), True)
            if self.maybe(0.7):
                self.positions[taker, coin] = Decimal(first[1]["startPosition"])
                start = first[1]["startPosition"]
                second = self.fill(taker, coin, other, price, Decimal(2), False, startPosition=start)
                self.positions[taker, coin] = Decimal(start)
            else:
                second = self.fill(taker, coin, other, price, Decimal(2), False)
            if self.maybe(0.2):
                del first[1]["tid"], second[1]["tid"]
            return [first, second]
        given = {}
        if self.maybe(0.06):
            given["liquidation"] = {"liquidatedUser": self.random.choice((taker, maker, self.users[0])), "markPx": str(price), "method": "market"}
            if self.maybe(0.15):
                del given["liquidation"]["liquidatedUser"]
        first = self.fill(taker, coin, side, price, None, True, **given)
        second = self.fill(maker, coin, other, price, Decimal(first[1]["sz"]), False, **given)
        if self.maybe(0.02):
            first[1]["dir"] = second[1]["dir"] = "Auto-Deleveraging"
        return [first, second]

    def lines(self, blocks):
        for block in range(1000, 1000 + blocks):
            self.time += self.random.choice((0, 1, 70, 900, 5000, 61_000, 400_000))
            if self.maybe(0.002):
                self.time += self.random.choice((1, 3, 5)) * 86_400_000
            moment = EPOCH + timedelta(milliseconds=self.time)
            stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "123"
            events = [event for _ in range(self.random.choice((1, 1, 1, 2, 4))) for event in self.events()]
            yield json.dumps({"local_time": stamp, "block_time": stamp, "block_number": block, "events": events}, separators=(",", ":"))


def old_trades(seed, count):
    """Lines of node_trades: without fees, words, profits, trade ids and block numbers."""
    odd = Oddities(seed)
    while count:
        odd.time += odd.random.choice((1, 70, 900, 61_000))
        events = odd.events()
        if len(events) == 2:
            count -= 1
            parties = [{"user": user, "start_pos": fill["startPosition"], "oid": fill["oid"], "twap_id": fill["twapId"], "cloid": None}
                       for user, fill in sorted(events, key=lambda event: event[1]["side"], reverse=True)]
            taker = events[0][1]
            stamp = (EPOCH + timedelta(milliseconds=odd.time)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123"
            yield json.dumps({"coin": taker["coin"], "side": taker["side"], "time": stamp, "px": taker["px"], "sz": taker["sz"], "hash": taker["hash"],
                              "trade_dir_override": "Na", "side_info": parties}, separators=(",", ":"))


# --- lakes --------------------------------------------------------------------------------------------------------

lake = TMP / "simulated"
vigil("fetch", simulate("market", 60000, 400, seed=5, days=3), "--lake", lake)
market = compare_lake(lake, "simulated")
identities(market, "simulated")
counts = {what: sum(1 for row in market.rows if holds(row)) for what, holds in {
    "spot": lambda r: r.kind == "spot", "HIP-3": lambda r: r.kind == "hip3", "liquidation": lambda r: r.liquidation, "TWAP": lambda r: r.twap,
    "builder": lambda r: r.builder is not None, "rebate": lambda r: r.fee < 0, "opened before": lambda r: r.perp and r.start}.items()}
check(all(counts.values()), "simulated: every kind of row is there", counts)

for path in sorted(REAL.glob("wallets/*.lz4")) + [REAL / "node_fills_by_block", REAL / "node_fills_streaming"]:
    lake = TMP / pathlib.Path(path).stem
    vigil("fetch", path, "--lake", lake)
    compare_lake(lake, path.stem)

for seed in (1, 2):
    lake = TMP / f"odd-{seed}"
    vigil("fetch", write(TMP / f"odd/{seed}.lz4", "".join(line + "\n" for line in Oddities(seed).lines(3000)).encode()), "--lake", lake)
    compare_lake(lake, f"odd rows {seed}")

lake = TMP / "trades"
lines = "".join(line + "\n" for line in old_trades(3, 400))
vigil("fetch", write(TMP / "odd/node_trades/hourly/20250501/0.lz4", lines.encode()), "--lake", lake)
compare_lake(lake, "node_trades")

poor = sorted(f"{table}.{column}" for (table, column), values in compared.items() if len(values) < 2 and (table, column) not in ALWAYS)
check(not poor, "every column had different values to compare", poor)

finish()
