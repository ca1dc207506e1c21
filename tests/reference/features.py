#!/usr/bin/env -S python3 -B
"""The features of traders, written from their definitions (src/model/feature_schema.h,
docs/metrics.md) and not from Vigil's code.

`features(lines)` takes lines as `vigil export` prints them, in block order, and returns the five tables
with every column. Sums are exact; ratios are floats made once from exact sums, None where undefined.
tests/e2e/features.py holds `vigil features` against it. On its own: features.py [FILE...] prints JSON.

Words, as in the schema: c closed pnl, p price, z size, v = p z, s +1 for a buy and -1 for a sell, P the position
before the fill, k the part of z that closes, o = z - k the part that opens, M(u) the price of the coin's
last taker print at or before u, t the time of the fill in ms.
"""

import json
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_FLOOR, Decimal, getcontext
from math import log, log2, sqrt

# Enough digits for every sum and product to be exact; only divisions and roots are rounded.
getcontext().prec = 120

ZERO = Decimal(0)
FEE_UNIT = Decimal("1e-20")  # what a flip's fee is split down to
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FIVE_MINUTES = 5 * MINUTE
SURROGATE = 10**13  # lines without block numbers get milliseconds - 10^13
EPOCH = date(1970, 1, 1).toordinal()
HORIZONS = {"1s": 1000, "10s": 10_000, "1m": MINUTE, "5m": FIVE_MINUTES, "1h": HOUR}
EXACT_GAPS = 512  # up to so many gaps between orders have an exact median
ORDER_REST_DAYS = 3  # an order that rests longer without a fill counts again

DOLLARS = {"USDC", "USDT0", "USDH", "USDE", "USDHL", "USDT", "FEUSD", "USDXL"}
SYSTEM = {"Spot Dust Conversion", "Net Child Vaults", "Settlement",
          "Split Outcome", "Merge Outcome", "Merge Question", "Negate Outcome"}
PERP_DIRECTIONS = {"Open Long", "Close Long", "Open Short", "Close Short", "Long > Short", "Short > Long"}
LIQUIDATIONS = {f"Liquidated {mode} {side}" for mode in ("Cross", "Isolated") for side in ("Long", "Short")}
DIRECTIONS = SYSTEM | PERP_DIRECTIONS | LIQUIDATIONS | {
    "Buy", "Sell", "Auto-Deleveraging", "Partial Borrow Liquidation", "Backstop Borrow Liquidation"}


def ratio(numerator, denominator, factor=1):
    """A quotient of exact numbers as the nearest float; None without a denominator."""
    return float(Decimal(numerator) * factor / Decimal(denominator)) if denominator else None


def mean(values):
    return ratio(sum(values), len(values))


def floor_log2(value):
    """The largest n with 2^n <= value, for an exact value above 0."""
    top, bottom = value.as_integer_ratio()
    n = top.bit_length() - bottom.bit_length()
    return n if (top << max(0, -n)) >= (bottom << max(0, n)) else n - 1


def entropy(counts):
    """In bits, with the correction of Miller and Madow; None without observations."""
    counts = list(counts)
    n = sum(counts)
    return sum(-c / n * log2(c / n) for c in counts) + (len(counts) - 1) / (2 * n * log(2)) if n else None


def significant_digits(value):
    return len("".join(map(str, value.as_tuple().digits)).strip("0"))


# --- rows ---------------------------------------------------------------------------------------------------------


def kind_of(coin):
    if coin.startswith("@") or "/" in coin:
        return "spot"
    if coin.startswith("#"):
        return "outcome"
    return "hip3" if ":" in coin else "perp"


class Row:
    """One fill, with what follows from it alone."""

    __slots__ = ("user", "coin", "kind", "perp", "block", "day", "time", "buys", "s", "p", "z", "v", "start", "pnl", "c", "fee", "builder_fee",
                 "unpriced", "net", "crossed", "hash", "order", "trade", "direction", "trade_row", "builder", "twap", "liquidation",
                 "victim", "self_trade", "still", "one_order")

    def __init__(self, user, fill, block, day):
        get = fill.get
        self.user, self.coin, self.block, self.day, self.time = user, fill["coin"], block, day, fill["time"]
        self.kind = kind_of(self.coin)
        self.perp = self.kind in ("perp", "hip3")
        self.buys = fill["side"] == "B"
        self.s = 1 if self.buys else -1
        self.p, self.z = Decimal(fill["px"]), Decimal(fill["sz"])
        self.v = self.p * self.z
        self.start = Decimal(fill["startPosition"])
        self.pnl = Decimal(fill["closedPnl"]) if get("closedPnl") is not None else None
        self.c = self.pnl or ZERO
        self.crossed, self.hash, self.order, self.trade = fill["crossed"], fill["hash"], fill["oid"], get("tid")
        self.direction = get("dir")
        self.trade_row = self.direction not in SYSTEM
        self.builder, self.twap = get("builder"), get("twapId") is not None
        liquidation = get("liquidation")
        self.liquidation = liquidation is not None
        self.victim = liquidation.get("liquidatedUser") if self.liquidation else None
        self.self_trade = self.still = False  # both rows are the trader's; and nothing moves
        self.one_order = None  # the Order that it belongs to
        self.price_fees(fill)

    def price_fees(self, fill):
        """Fees in USD. On spot a buyer's fee and a seller's rebate are in the base token."""
        fee, token = Decimal(fill.get("fee") or 0), fill.get("feeToken")
        in_base = self.kind == "spot" and fee != 0 and (fee > 0) == self.buys
        if token in DOLLARS or (token is None and not in_base):
            factor = 1
        else:
            factor = self.p if in_base else 0
        self.unpriced = factor == 0 and fee != 0 and not (in_base and self.p == 0)
        self.fee = fee * factor
        self.builder_fee = Decimal(fill.get("builderFee") or 0) * factor
        self.net = self.c if in_base and self.buys else self.c - self.fee

    @property
    def own_liquidation(self):
        return self.victim == self.user


def day_of(text):
    return date.fromisoformat(text[:10]).toordinal() - EPOCH


def date_of(day):
    return date.fromordinal(day + EPOCH).isoformat()


def milliseconds(text):
    """Of a time like 2025-03-25T18:59:59.950677625, rounded down."""
    clock, _, fraction = text[11:].partition(".")
    h, m, s = map(int, clock.split(":"))
    return day_of(text) * DAY + ((h * 60 + m) * 60 + s) * 1000 + int((fraction + "000")[:3])


def rows_of(line):
    """The rows of one line, whatever its form."""
    record = json.loads(line)
    if isinstance(record, list):  # legacy: [user, fill]
        user, fill = record
        return [Row(user, fill, fill["time"] - SURROGATE, fill["time"] // DAY)]
    if "events" in record:  # a block, or one event of it
        block, day = record["block_number"], day_of(record["block_time"])
        return [Row(user, fill, block, day) for user, fill in record["events"]]
    rows = []  # a trade of early 2025: buyer, then seller; its side is the taker's
    time = milliseconds(record["time"])
    for side, party in zip("BA", record["side_info"]):
        fill = {"coin": record["coin"], "px": record["px"], "sz": record["sz"], "side": side, "time": time, "hash": record["hash"],
                "startPosition": party["start_pos"], "oid": party["oid"], "crossed": record["side"] == side, "twapId": party["twap_id"]}
        rows.append(Row(party["user"], fill, time - SURROGATE, time // DAY))
    return rows


def read_rows(lines):
    """All rows, by block and place in it, with both rows of trades with oneself marked."""
    rows = [row for line in lines if line.strip() for row in rows_of(line)]
    rows.sort(key=lambda row: row.block)  # stable
    last = {}
    for row in rows:
        before = last.get(row.user)
        last[row.user] = row
        if before and (before.block, before.coin, before.trade, before.s) == (row.block, row.coin, row.trade, -row.s):
            alike = (before.start, before.z) == (row.start, row.z)
            if alike or row.trade is not None:  # without trade ids only what looks alike is one trade
                before.self_trade = row.self_trade = True
                before.still = row.still = alike
                del last[row.user]  # a row belongs to one trade
    return rows


def decimals_of(rows):
    """Most decimals seen in the sizes of each coin."""
    most = Counter()
    for row in rows:
        most[row.coin] = max(most[row.coin], -row.z.normalize().as_tuple().exponent, -row.start.normalize().as_tuple().exponent)
    return most


class Prints:
    """The prices at which takers traded a coin, in block order."""

    def __init__(self):
        self.prints = []  # (time, price, day)

    def add(self, row):
        self.prints.append((row.time, row.p, row.day))

    def prepare(self):
        self.times = sorted(time for time, _, _ in self.prints)
        # The last in block order with time <= u: those that no later print undercuts.
        self.latest = []
        for time, price, _ in reversed(self.prints):
            if not self.latest or time < self.latest[-1][0]:
                self.latest.append((time, price))
        self.latest.reverse()
        self.latest_times = [time for time, _ in self.latest]
        by_day = {day: price for _, price, day in self.prints}  # the last of the day stays
        self.days = sorted(by_day)
        self.day_prices = [by_day[day] for day in self.days]

    def at(self, u):
        """M(u), None before the first print."""
        i = bisect_right(self.latest_times, u)
        return self.latest[i - 1][1] if i else None

    def any_between(self, after, until):
        return bisect_right(self.times, until) > bisect_right(self.times, after)

    def at_end_of(self, day, otherwise):
        """The last price up to the end of the day; `otherwise` before the first print."""
        i = bisect_right(self.days, day)
        return self.day_prices[i - 1] if i else otherwise

    def first_until(self, u, otherwise):
        """The coin's first price, if it had any at u."""
        return self.prints[0][1] if self.prints and self.prints[0][0] <= u else otherwise

    def last(self, otherwise):
        return self.prints[-1][1] if self.prints else otherwise


# --- positions ----------------------------------------------------------------------------------------------------


class Episode:
    """A position from flat to flat, or to the flip; or from where the record begins."""

    def __init__(self, row, side, censored, position):
        self.user, self.coin, self.side, self.left_censored = row.user, row.coin, side, censored
        self.open_time, self.close_time, self.day, self.broken = row.time, None, None, False
        self.max_size = abs(position)
        self.opened = self.opened_notional = self.closed = self.closed_notional = ZERO
        self.gross = self.fees = self.v = self.maker_v = ZERO
        self.fills, self.orders, self.liquidated = 0, set(), False
        self.last = row  # its last fill
        self.position, self.entry, self.last_price = ZERO, None, None
        self.size_times_hold = self.size_times_time = ZERO  # for identities only: sum of k (t - T), integral of |P| dt

    def add(self, row, closing, opening, gross, fee):
        """A row, or the part of a flip that belongs here."""
        part = (closing + opening) * row.p
        self.fills += 1
        self.last = row
        self.closed += closing
        self.closed_notional += closing * row.p
        self.opened += opening
        self.opened_notional += opening * row.p
        self.gross += gross
        self.fees += fee
        self.v += part
        if not row.crossed:
            self.maker_v += part
        if row.trade_row:
            self.orders.add(row.one_order)
        self.liquidated |= row.own_liquidation

    @property
    def net(self):
        return self.gross - self.fees

    def columns(self):
        return {
            "user_address": self.user, "coin": self.coin, "side": self.side, "open_time": self.open_time, "close_time": self.close_time,
            "max_size": self.max_size, "opened_notional": self.opened_notional, "closed_notional": self.closed_notional,
            "entry_vwap": ratio(self.opened_notional, self.opened), "exit_vwap": ratio(self.closed_notional, self.closed),
            "gross_pnl": self.gross, "fees_usd": self.fees, "net_pnl": self.net, "fills": self.fills, "orders": len(self.orders),
            "maker_share": ratio(self.maker_v, self.v), "liquidated": self.liquidated, "left_censored": self.left_censored,
            "broken": self.broken, "position": self.position, "entry": None if self.entry is None else float(self.entry),
            "last_price": self.last_price,
        }


class Position:
    """One trader in one perp. Its position P moves by s z; where a row starts elsewhere there is a gap."""

    def __init__(self, row):
        self.first = self.last = row
        self.v = ZERO
        self.quantity = ZERO
        self.entry = self.opened_at = None  # e, and T in ms; None when not known
        self.episode = self.previous = None  # what is open; what was completed directly before
        self.at_day_end = {}  # day -> position and own last price
        self.grid_last = None
        self.grid_products = self.grid_squares = ZERO
        self.restart(row)

    def restart(self, row):
        """The position is what the row says; what came before is not known."""
        self.quantity, self.entry, self.opened_at, self.previous, self.episode = row.start, None, None, None, None
        if row.start:
            self.episode = Episode(row, "long" if row.start > 0 else "short", True, row.start)

    def stay_until(self, row):
        """From the last row to this one the position stood. Returns the integral of |P| p dt."""
        held = abs(self.quantity) * (row.time - self.last.time)
        if self.episode:
            self.episode.size_times_time += held
        minutes = row.time // MINUTE - self.last.time // MINUTE
        if minutes > 0:
            square = self.quantity * self.quantity
            if self.grid_last is not None:
                self.grid_products += self.grid_last * self.quantity
                self.grid_squares += self.grid_last * self.grid_last
            self.grid_products += (minutes - 1) * square
            self.grid_squares += (minutes - 1) * square
            self.grid_last = self.quantity
        return held * self.last.p

    def half_life(self):
        """In minutes; None when the position does not decay."""
        if not self.grid_squares or self.grid_products >= self.grid_squares:
            return None
        if self.grid_products <= 0:
            return 0.0
        return log(2) / float(-(self.grid_products / self.grid_squares).ln())

    def book(self, row, trader):
        """Moves the position, and tells the trader what closed, opened and ended."""
        if row is not self.first:
            trader.position_time += self.stay_until(row)
            if row.start != self.quantity:
                trader.gap_count += 1
                trader.marked[row.day] -= (row.start - self.quantity) * row.p  # a gap moves no money
                if self.episode:
                    trader.broken.append(self.end(self.episode.last, broken=True))
                self.restart(row)
        self.last = row
        self.v += row.v
        if not row.still:
            self.move(row, trader)
        self.at_day_end[row.day] = self.quantity, row.p

    def move(self, row, trader):
        held = abs(self.quantity)
        closing = min(row.z, held) if row.s * self.quantity < 0 else ZERO
        opening = row.z - closing
        trader.judge_direction(row, opening)
        closing_fee = row.fee
        if closing and opening:
            closing_fee = (row.fee * closing / row.z).quantize(FEE_UNIT, rounding=ROUND_FLOOR)
        if self.episode and (closing or not opening):
            self.close(row, closing, closing_fee, trader)
        if opening:
            self.open(row, opening, row.fee - closing_fee if closing else row.fee, ZERO if closing else row.c, trader)

    def close(self, row, closing, fee, trader):
        if closing:
            if self.opened_at is not None:
                trader.hold_notional += closing * row.p
                trader.hold_time += closing * row.p * (row.time - self.opened_at)
                self.episode.size_times_hold += closing * (row.time - self.opened_at)
            trader.closed_notional += closing * row.p
            if self.entry is None and row.pnl is not None:
                self.entry = row.p - (row.pnl if self.quantity > 0 else -row.pnl) / closing
        self.episode.add(row, closing, ZERO, row.c, fee)
        self.quantity += row.s * closing
        if not self.quantity:
            ended = self.end(row)
            trader.completed.append((ended, self.previous))
            trader.daily[row.day].episode_count += 1
            self.previous = ended

    def open(self, row, opening, fee, c, trader):
        trader.open_notional[row.s] += opening * row.p
        trader.momentum(row)
        if not self.quantity:
            self.entry, self.opened_at = row.p, Decimal(row.time)
            self.episode = Episode(row, "long" if row.buys else "short", False, ZERO)
        else:
            held = abs(self.quantity)
            if self.entry is not None:
                trader.added_notional += opening * row.p
                if row.s * (row.p - self.entry) < -self.entry / 10**9:
                    trader.added_losing += opening * row.p
                self.entry = (held * self.entry + opening * row.p) / (held + opening)
            if self.opened_at is not None:
                self.opened_at = (held * self.opened_at + opening * row.time) / (held + opening)
        self.episode.add(row, ZERO, opening, c, fee)
        self.quantity += row.s * opening
        self.episode.max_size = max(self.episode.max_size, abs(self.quantity))

    def end(self, row, broken=False):
        ended, self.episode = self.episode, None
        ended.close_time, ended.day, ended.broken, ended.position = row.time, row.day, broken, self.quantity
        ended.entry = self.entry if broken else None
        return ended

    def open_episode(self, prints):
        """What is open at the end of the record."""
        if self.episode:
            self.episode.position, self.episode.entry, self.episode.last_price = self.quantity, self.entry, prints.last(self.last.p)
        return self.episode


# --- traders ------------------------------------------------------------------------------------------------------


class TraderDay:
    def __init__(self):
        self.fill_count = self.order_count = self.episode_count = self.winning = self.losing = 0
        self.coins = set()
        self.v = self.taker_v = self.c = self.fees = self.net = self.liquidated = ZERO
        self.v_by_kind = defaultdict(Decimal)


class Order:
    """The trade rows of one order."""

    def __init__(self, row):
        self.first_time = row.time
        self.z = self.v = ZERO


class Sums:
    """Sums over rows of one kind of market."""

    def __init__(self):
        self.v = self.c = self.net = ZERO


class Trader:
    def __init__(self, user, market):
        self.user, self.market = user, market
        self.fill_count = self.system_count = self.maker_count = self.unpriced = self.winning = self.losing = 0
        self.gap_count = self.mismatches = self.unknown_directions = 0
        self.liquidation_count = self.liquidation_fills = self.victim_unknown = self.adl_count = 0
        self.left_censored = False
        self.first_time = self.last_time = None
        self.sums = defaultdict(Sums)  # by kind
        self.max_v = self.fees = self.builder_fees = self.gross_profit = self.gross_loss = ZERO
        self.paid_fees = self.paid_builder_fees = ZERO  # where the fee is above 0
        self.v_by_coin, self.last_victim_row = defaultdict(Decimal), {}
        self.trade_v = ZERO
        self.taker_v = {1: ZERO, -1: ZERO}
        self.maker_v = self.plain_v = ZERO  # without TWAP slices and liquidations
        self.liquidated_v = self.taken_over_v = self.self_v = self.twap_v = self.builder_v = self.weekend_v = ZERO
        self.daily = defaultdict(TraderDay)
        # perps
        self.positions = {}
        self.completed, self.broken = [], []  # (episode, the one before); episode
        self.closed_notional = self.hold_notional = self.hold_time = self.position_time = ZERO
        self.open_notional = {1: ZERO, -1: ZERO}
        self.added_notional = self.added_losing = ZERO
        self.momentum_sum, self.momentum_count = ZERO, 0
        self.marked = defaultdict(Decimal)  # day -> what marking to market adds beside positions times prices
        self.max_position = self.gross = self.peak_gross = self.gross_time = ZERO
        self.exposed, self.last_perp_time, self.own_value = 0, None, {}
        # orders
        self.orders, self.last_of_order, self.sweeps, self.sweep = [], {}, [], None
        self.hours, self.two_sided = Counter(), defaultdict(lambda: {1: ZERO, -1: ZERO})
        self.markouts = {(crossed, name): [ZERO, ZERO, ZERO] for crossed in (True, False) for name in HORIZONS}  # gain, v, stale v

    # Row by row

    def add(self, row):
        self.count(row)
        self.count_day(row)
        self.count_risk(row)
        if row.trade_row:
            self.count_order(row)
        if row.perp:
            self.book(row)
        if row.trade_row:
            self.count_trade(row)
        else:
            self.sweep = None

    def count(self, row):
        self.fill_count += 1
        self.system_count += not row.trade_row
        self.maker_count += not row.crossed
        self.first_time = row.time if self.first_time is None else min(self.first_time, row.time)
        self.last_time = row.time if self.last_time is None else max(self.last_time, row.time)
        if row.coin not in self.v_by_coin and row.start:
            self.left_censored = True
        self.v_by_coin[row.coin] += row.v
        sums = self.sums[row.kind]
        sums.v += row.v
        sums.c += row.c
        sums.net += row.net
        self.max_v = max(self.max_v, row.v)
        self.fees += row.fee
        self.builder_fees += row.builder_fee
        self.unpriced += row.unpriced
        if row.fee > 0:
            self.paid_fees += row.fee
            self.paid_builder_fees += row.builder_fee
        if row.c > 0:
            self.winning += 1
            self.gross_profit += row.c
        elif row.c < 0:
            self.losing += 1
            self.gross_loss -= row.c
        if not row.twap and not row.liquidation:
            self.plain_v += row.v
            if not row.crossed:
                self.maker_v += row.v
        if row.twap:
            self.twap_v += row.v
        if row.builder is not None:
            self.builder_v += row.v
        if row.self_trade:
            self.self_v += row.v
        if (row.time // DAY + 3) % 7 >= 5:  # 1970-01-01 was a Thursday
            self.weekend_v += row.v
        self.unknown_directions += row.direction is not None and row.direction not in DIRECTIONS

    def count_day(self, row):
        day = self.daily[row.day]
        day.fill_count += 1
        day.coins.add(row.coin)
        day.v += row.v
        day.v_by_kind[row.kind] += row.v
        if row.crossed:
            day.taker_v += row.v
        day.c += row.c
        day.fees += row.fee
        day.net += row.net
        day.winning += row.c > 0
        day.losing += row.c < 0
        if row.own_liquidation:
            day.liquidated += row.v

    def count_risk(self, row):
        self.adl_count += row.direction == "Auto-Deleveraging"
        if not row.liquidation:
            return
        self.liquidation_fills += 1
        if row.victim is None:
            self.victim_unknown += 1
        elif row.own_liquidation:
            self.liquidated_v += row.v
            before = self.last_victim_row.get(row.coin)
            self.last_victim_row[row.coin] = row
            zero = not row.hash.strip("0x")
            self.liquidation_count += before is None or before.hash != row.hash or (zero and before.block != row.block)
        elif row.direction != "Auto-Deleveraging":
            self.taken_over_v += row.v

    def judge_direction(self, row, opening):
        """Counts a perp row whose direction is not what side, size and position say."""
        if not row.trade_row or row.direction not in PERP_DIRECTIONS:
            return
        side, other = ("Long", "Short") if row.buys else ("Short", "Long")
        if row.s * row.start >= 0:
            right = f"Open {side}"
        else:
            right = f"{other} > {side}" if opening else f"Close {other}"
        self.mismatches += row.direction != right

    def book(self, row):
        """A perp row: the position, and the sum over all positions at own last prices."""
        if self.last_perp_time is not None and self.gross > 0:
            self.gross_time += self.gross * (row.time - self.last_perp_time)
            self.exposed += row.time - self.last_perp_time
        self.last_perp_time = row.time
        self.marked[row.day] -= row.s * row.v + row.fee
        position = self.positions.get(row.coin)
        if position is None:
            position = self.positions[row.coin] = Position(row)
        position.book(row, self)
        value = abs(position.quantity) * row.p
        self.gross += value - self.own_value.get(row.coin, ZERO)
        self.own_value[row.coin] = value
        self.max_position = max(self.max_position, value)
        self.peak_gross = max(self.peak_gross, self.gross)

    def momentum(self, row):
        """Of an opening row of a perp: how far the price had moved his way in five minutes."""
        if row.trade_row and row.crossed:
            reference = self.market.prints[row.coin].at(row.time - FIVE_MINUTES)
            if reference:
                self.momentum_sum += row.s * (row.p - reference) / reference
                self.momentum_count += 1

    def count_trade(self, row):
        self.trade_v += row.v
        self.hours[row.time // HOUR % 24] += 1
        self.two_sided[row.coin, row.time // FIVE_MINUTES][row.s] += row.v
        if row.crossed:
            self.taker_v[row.s] += row.v
        self.count_sweep(row)
        prints = self.market.prints[row.coin]
        for name, horizon in HORIZONS.items():
            until = row.time + horizon
            price = prints.at(until) if until <= self.market.last_time else None
            if price is not None:
                sums = self.markouts[row.crossed, name]
                sums[0] += row.s * row.z * (price - row.p)
                sums[1] += row.v
                if not prints.any_between(row.time, until):
                    sums[2] += row.v

    def count_order(self, row):
        order, last_day = self.last_of_order.get(row.order, (None, 0))
        if order is None or row.day > last_day + ORDER_REST_DAYS:
            order = Order(row)
            self.orders.append(order)
            self.daily[row.day].order_count += 1
        order.z += row.z
        order.v += row.v
        self.last_of_order[row.order] = order, row.day
        row.one_order = order

    def count_sweep(self, row):
        """Taker rows of one order in one block, one after the other."""
        key = (row.block, row.coin, row.order) if row.crossed else None
        if key and key == self.sweep:
            self.sweeps[-1].append(row)
        elif key:
            self.sweeps.append([row])
        self.sweep = key

    # At the end

    def v(self):
        return sum((sums.v for sums in self.sums.values()), ZERO)

    def columns(self):
        for position in self.positions.values():
            if position.episode:
                position.open_episode(self.market.prints[position.first.coin])
        return {"user_address": self.user, **self.amounts(), **self.profits(), **self.episode_figures(), **self.directions(),
                **self.order_figures(), **self.series(), **self.risk(), **self.shares(), **self.markout_figures(),
                "gap_count": self.gap_count, "direction_mismatches": self.mismatches, "unknown_directions": self.unknown_directions}

    def of(self, what):
        """A sum by kind of market: all, perps, spot, the rest."""
        part = {kind: getattr(sums, what) for kind, sums in self.sums.items()}
        perp, spot, other = part.get("perp", ZERO) + part.get("hip3", ZERO), part.get("spot", ZERO), part.get("outcome", ZERO)
        return perp + spot + other, perp, spot, other

    def amounts(self):
        days = self.daily.keys()
        v, perp, spot, other = self.of("v")
        return {
            "fill_count": self.fill_count, "system_fill_count": self.system_count, "order_count": len(self.orders),
            "fills_per_order": ratio(self.fill_count - self.system_count, len(self.orders)), "unique_coins": len(self.v_by_coin),
            "active_days": len(days), "calendar_days": max(days) - min(days) + 1, "trades_per_day": ratio(self.fill_count, len(days)),
            "first_trade": self.first_time, "last_trade": self.last_time, "left_censored": self.left_censored,
            "volume": v, "perp_volume": perp, "spot_volume": spot, "other_volume": other,
            "avg_trade_size": ratio(v, self.fill_count), "max_trade_size": self.max_v,
            "order_avg_trade_size": ratio(self.trade_v, len(self.orders)),
            "order_max_trade_size": max((order.v for order in self.orders), default=ZERO),
        }

    def profits(self):
        c, perp_c, spot_c, other_c = self.of("c")
        net, perp_net, spot_net, other_net = self.of("net")
        v, perp_v, _, _ = self.of("v")
        decided = self.winning + self.losing
        return {
            "realized_pnl": c, "perp_realized_pnl": perp_c, "spot_realized_pnl": spot_c, "other_realized_pnl": other_c,
            "fees_paid": self.fees, "builder_fees_paid": self.builder_fees, "fee_unpriced_fills": self.unpriced,
            "net_pnl": net, "perp_net_pnl": perp_net, "spot_net_pnl": spot_net, "other_net_pnl": other_net,
            "gross_profit": self.gross_profit, "gross_loss": self.gross_loss, "winning_fills": self.winning, "losing_fills": self.losing,
            "pnl_per_trade": ratio(c, decided), "win_rate": ratio(self.winning, decided),
            "profit_factor": ratio(self.gross_profit, self.gross_loss), "edge_bps": ratio(perp_net, perp_v, 10_000),
            "edge_gross_bps": ratio(perp_c, perp_v, 10_000), "fee_bps": ratio(self.fees, v, 10_000),
        }

    def episode_figures(self):
        completed = [episode for episode, _ in self.completed]
        nets = [episode.net for episode in completed]
        wins, losses = [net for net in nets if net > 0], [net for net in nets if net < 0]
        profit, loss = sum(wins, ZERO), -sum(losses, ZERO)
        held = [episode for episode in completed if not episode.left_censored]

        def hold(episodes):
            return mean([Decimal(e.close_time - e.open_time) / MINUTE for e in episodes])

        winner_hold, loss_cut = hold([e for e in held if e.gross > 0]), hold([e for e in held if e.gross < 0])
        return {
            "episode_count": len(completed), "episode_held_count": len(held), "episode_broken_count": len(self.broken),
            "open_position_count": sum(position.quantity != 0 for position in self.positions.values()),
            "episode_win_rate": ratio(len(wins), len(nets)), "episode_gross_profit": profit, "episode_gross_loss": loss,
            "episode_profit_factor": ratio(profit, loss),
            "payoff_ratio": ratio(profit * len(losses), loss * len(wins)) if wins and losses else None,
            "pnl_concentration": ratio(max(wins, default=ZERO), profit),
            "avg_hold_time_minutes": hold(held), "winner_hold_time": winner_hold, "loss_cut_speed": loss_cut,
            "hold_time_weighted_minutes": ratio(self.hold_time, self.hold_notional * MINUTE),
            "turnover_hold_minutes": ratio(self.position_time, self.closed_notional * MINUTE),
            "disposition": log(loss_cut / winner_hold) if winner_hold and loss_cut else None,
            "loss_chasing": self.loss_chasing(),
        }

    def loss_chasing(self):
        after_loss = [e.opened_notional for e, before in self.completed if before and before.net < 0]
        after_win = [e.opened_notional for e, before in self.completed if before and before.net > 0]
        losing, winning = mean(after_loss), mean(after_win)
        return log(losing / winning) if losing and winning else None

    def directions(self):
        longs, shorts = self.open_notional[1], self.open_notional[-1]
        return {
            "long_open_notional": longs, "short_open_notional": shorts, "long_short_ratio": ratio(longs, shorts),
            "taker_buy_volume": self.taker_v[1], "taker_sell_volume": self.taker_v[-1],
            "avg_down_share": ratio(self.added_losing, self.added_notional),
            "momentum_entry_bps": ratio(self.momentum_sum, self.momentum_count, 10_000),
        }

    def order_figures(self):
        sizes = Counter(min(max(floor_log2(order.v * order.v), -32), 63) for order in self.orders if order.v > 0)
        gaps = [b.first_time - a.first_time for a, b in zip(self.orders, self.orders[1:])]
        matched = sum((2 * min(sides.values()) for sides in self.two_sided.values()), ZERO)
        v = self.v()
        return {
            "maker_pct": ratio(self.maker_count, self.fill_count), "maker_share": ratio(self.maker_v, self.plain_v),
            "slippage_bps": self.slippage(), "two_sided": ratio(matched, self.trade_v), "size_entropy": entropy(sizes.values()),
            "round_size_share": ratio(sum(significant_digits(order.z) <= 2 for order in self.orders), len(self.orders)),
            "interorder_median_s": median_seconds(gaps), "burstiness": burstiness(gaps), "hour_entropy": entropy(self.hours.values()),
            "sleep_gap_h": self.sleep_gap(), "coin_hhi": ratio(sum(x * x for x in self.v_by_coin.values()), v * v),
        }

    def slippage(self):
        slips = []
        for sweep in self.sweeps:
            z, first = sum(row.z for row in sweep), sweep[0]
            if z and first.p:
                slips.append(first.s * (sum(row.v for row in sweep) / z - first.p) / first.p * 10_000)
        return mean(slips)

    def sleep_gap(self):
        if not self.hours:
            return None
        used = sorted(self.hours)
        return max((b - a - 1) % 24 for a, b in zip(used, used[1:] + used[:1]))

    def series(self):
        days = range(min(self.daily), max(self.daily) + 1)
        net = [self.daily[day].net if day in self.daily else ZERO for day in days]
        active = [self.daily[day].net for day in days if day in self.daily]
        self.marked_days = self.mark_to_market(days)
        marked = [self.marked_days[day] for day in days]
        sharpe, error = sharpe_ratio(net)
        return {
            "sharpe_ratio": sharpe, "sharpe_se": error, "sharpe_active": sharpe_ratio(active)[0], "sortino_ratio": sortino_ratio(net),
            "max_drawdown": max_drawdown(net), "consistency": float(deviation(net)) if len(net) > 1 else None,
            "pct_days_up": ratio(sum(x > 0 for x in net), len(net)), "net_pnl_mtm": sum(marked, ZERO),
            "sharpe_mtm": sharpe_ratio(marked)[0], "mdd_mtm": max_drawdown(marked),
        }

    def mark_to_market(self, days):
        """Day -> change of position times price on perps - sum of s z p - fees. The price is the coin's last one; while
        it has none, the trader's own last one."""
        result = {day: self.marked.get(day, ZERO) for day in days}
        for coin, position in self.positions.items():
            prints, first = self.market.prints[coin], position.first
            quantity, own_price = first.start, first.p
            value = quantity * prints.at_end_of(first.day - 1, prints.first_until(first.time, first.p))
            for day in range(first.day, days[-1] + 1):
                quantity, own_price = position.at_day_end.get(day, (quantity, own_price))
                now = quantity * prints.at_end_of(day, own_price)
                result[day] += now - value
                value = now
        return result

    def risk(self):
        weighted, weights = 0.0, ZERO
        for position in self.positions.values():
            half_life = position.half_life()
            if half_life is not None:
                weighted += half_life * float(position.v)
                weights += position.v
        mean_gross = self.gross_time / self.exposed if self.exposed else ZERO
        return {
            "max_position_usd": self.max_position, "peak_gross_usd": self.peak_gross, "turnover": ratio(self.of("v")[1], mean_gross),
            "inventory_half_life_min": weighted / float(weights) if weights else None,
            "liquidation_count": self.liquidation_count, "liquidation_fill_count": self.liquidation_fills,
            "liquidated_notional": self.liquidated_v, "liq_taker_notional": self.taken_over_v,
            "victim_unknown_count": self.victim_unknown, "adl_count": self.adl_count, "self_trade_share": ratio(self.self_v, self.v()),
        }

    def shares(self):
        v = self.v()
        return {
            "twap_share": ratio(self.twap_v, v), "spot_share": ratio(self.of("v")[2], v), "hip3_share": ratio(self.sums["hip3"].v, v),
            "builder_fill_share": ratio(self.builder_v, v), "builder_fee_share": ratio(self.paid_builder_fees, self.paid_fees),
            "weekend_share": ratio(self.weekend_v, v),
        }

    def markout_figures(self):
        figures = {}
        for what in ("bps", "stale_share"):
            for crossed, who in ((True, "taker"), (False, "maker")):
                for name in HORIZONS:
                    gain, v, stale = self.markouts[crossed, name]
                    figures[f"{who}_markout_{what}_{name}"] = ratio(gain, v, 10_000) if what == "bps" else ratio(stale, v)
        return figures

    def daily_columns(self):
        """(date, columns) of every day with a fill, after columns()."""
        cumulative, before = ZERO, min(self.daily) - 1
        for day in sorted(self.daily):
            d = self.daily[day]
            cumulative += d.net
            idle = sum((self.marked_days[i] for i in range(before + 1, day)), ZERO)
            before = day
            yield date_of(day), {
                "date": date_of(day), "user_address": self.user, "fill_count": d.fill_count, "order_count": d.order_count,
                "episode_count": d.episode_count, "unique_coins": len(d.coins), "volume": d.v,
                "perp_volume": d.v_by_kind["perp"] + d.v_by_kind["hip3"], "spot_volume": d.v_by_kind["spot"],
                "taker_volume": d.taker_v, "realized_pnl": d.c, "fees_paid": d.fees, "net_pnl": d.net, "cumulative_net_pnl": cumulative,
                "net_pnl_mtm": self.marked_days[day], "net_pnl_mtm_idle": idle, "winning_fills": d.winning, "losing_fills": d.losing,
                "liquidated_notional": d.liquidated,
            }


# --- figures of series --------------------------------------------------------------------------------------------


def deviation(values):
    """Standard deviation with n - 1, of two values or more."""
    middle = sum(values) / len(values)
    return (sum((x - middle) ** 2 for x in values) / (len(values) - 1)).sqrt()


def sharpe_ratio(values):
    """Yearly, and its standard error."""
    n = len(values)
    sd = deviation(values) if n > 1 else ZERO
    if sd <= Decimal("1e-12"):
        return None, None
    daily = float(sum(values) / n / sd)
    return daily * sqrt(365), sqrt((1 + daily * daily / 2) / n) * sqrt(365)


def sortino_ratio(values):
    n = len(values)
    below = sum((min(x, ZERO) ** 2 for x in values), ZERO)
    if n < 2 or not below:
        return None
    return float(sum(values) / n / (below / n).sqrt()) * sqrt(365)


def max_drawdown(values):
    total = peak = deepest = ZERO
    for x in values:
        total += x
        peak = max(peak, total)
        deepest = max(deepest, peak - total)
    return deepest


def median_seconds(gaps):
    """Median of gaps in ms, in s; of many gaps by eight bins an octave."""
    n = len(gaps)
    if not n:
        return None
    ordered = sorted(gaps)
    if n <= EXACT_GAPS:
        return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2 / 1000
    middle = ordered[(n + 1) // 2 - 1]
    return 2 ** ((floor_log2(middle**8) + 0.5) / 8) / 1000 if middle > 0 else 0.0


def burstiness(gaps):
    """Kim and Jo, for few events; None below three gaps."""
    n, total = len(gaps), sum(gaps)
    if n < 3 or not total:
        return None
    middle = Decimal(total) / n
    r = float((sum((gap - middle) ** 2 for gap in gaps) / n).sqrt() / middle)
    return (sqrt(n + 1) * r - sqrt(n - 1)) / ((sqrt(n + 1) - 2) * r + sqrt(n - 1))


# --- coins --------------------------------------------------------------------------------------------------------


class CoinDay:
    def __init__(self):
        self.fill_count, self.traders, self.prices = 0, set(), []
        self.z = self.liquidated = self.twap = ZERO
        self.taker_v, self.seed_z = {1: ZERO, -1: ZERO}, {1: ZERO, -1: ZERO}

    def add(self, row):
        self.fill_count += 1
        self.traders.add(row.user)
        words = row.direction or ""
        if words.startswith(("Open Long", "Close Short")):
            self.seed_z[1] += row.z
        elif words.startswith(("Open Short", "Close Long")):
            self.seed_z[-1] += row.z
        if row.own_liquidation:
            self.liquidated += row.v
        if row.twap:
            self.twap += row.v
        if row.crossed and row.trade_row:
            self.prices.append(row.p)
            self.z += row.z
            self.taker_v[row.s] += row.v

    def columns(self, day, coin):
        volume, prices = self.taker_v[1] + self.taker_v[-1], self.prices
        return {
            "date": day, "coin": coin, "kind": kind_of(coin), "fill_count": self.fill_count, "trade_count": len(prices),
            "unique_traders": len(self.traders), "volume": volume, "taker_buy_volume": self.taker_v[1],
            "taker_sell_volume": self.taker_v[-1], "seed_buy_volume": self.seed_z[1], "seed_sell_volume": self.seed_z[-1],
            "open": prices[0] if prices else None, "high": max(prices, default=None), "low": min(prices, default=None),
            "close": prices[-1] if prices else None, "vwap": ratio(volume, self.z), "liquidated_notional": self.liquidated,
            "twap_volume": self.twap,
        }


def trader_coins(rows):
    """(address, coin) → columns, straight from the rows."""
    by_pair = defaultdict(list)
    for row in rows:
        by_pair[row.user, row.coin].append(row)
    return {
        (user, coin): {
            "user_address": user, "coin": coin, "kind": kind_of(coin), "fill_count": len(own),
            "first_trade": min(row.time for row in own), "last_trade": max(row.time for row in own),
            "volume": sum((row.v for row in own), ZERO), "buy_volume": sum((row.v for row in own if row.buys), ZERO),
            "taker_volume": sum((row.v for row in own if row.crossed), ZERO), "realized_pnl": sum((row.c for row in own), ZERO),
            "fees_paid": sum((row.fee for row in own), ZERO), "net_pnl": sum((row.net for row in own), ZERO),
        }
        for (user, coin), own in by_pair.items()
    }


# --- all together -------------------------------------------------------------------------------------------------


class Market:
    """Everything that the lines tell; `tables` gives it in the form of the schema."""

    def __init__(self, lines):
        self.rows = read_rows(lines)
        self.last_time = max((row.time for row in self.rows), default=0)
        self.prints, self.traders, self.coin_days = defaultdict(Prints), {}, defaultdict(CoinDay)
        for row in self.rows:
            prints = self.prints[row.coin]
            if row.crossed and row.trade_row:
                prints.add(row)
            self.coin_days[date_of(row.day), row.coin].add(row)
        for prints in self.prints.values():
            prints.prepare()
        for row in self.rows:
            if row.user not in self.traders:
                self.traders[row.user] = Trader(row.user, self)
            self.traders[row.user].add(row)

    def tables(self):
        result = {"traders": {}, "trader_daily": {}, "coin_daily": {}, "episodes": [], "positions": [],
                  "trader_coins": trader_coins(self.rows)}
        for user, trader in self.traders.items():
            result["traders"][user] = trader.columns()
            for day, columns in trader.daily_columns():
                result["trader_daily"][day, user] = columns
            ended = [episode for episode, _ in trader.completed] + trader.broken
            result["episodes"] += [episode.columns() for episode in ended]
            result["positions"] += [p.episode.columns() for p in trader.positions.values() if p.episode]
        for key, day in self.coin_days.items():
            result["coin_daily"][key] = day.columns(*key)
        return result


def features(lines):
    """The tables of `vigil features`: traders by address, trader_daily and coin_daily by (date, address or coin),
    trader_coins by (address, coin), episodes and positions as lists."""
    return Market(lines).tables()


def main(paths):
    lines = (line for path in paths for line in open(path, encoding="utf-8")) if paths else sys.stdin
    tables = features(lines)
    plain = {name: list(table.values()) if isinstance(table, dict) else table for name, table in tables.items()}
    json.dump(plain, sys.stdout, default=str, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
