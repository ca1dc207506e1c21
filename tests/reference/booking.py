"""The exchange's booking of closed profit, written from its rules and not from Vigil's code.

Exact arithmetic with fractions, except the cost of a position, which the exchange keeps as an IEEE
double. Used by tests/e2e/ledger.py as the other opinion on `vigil verify`.
"""

from collections import Counter, defaultdict
from fractions import Fraction
from math import floor

USD6, USD8 = Fraction(1, 10**6), Fraction(1, 10**8)


def decimals(text):
    """Digits behind the point, trailing zeros not counted."""
    return len(text.partition(".")[2].rstrip("0"))


def as_printed(booked, expected):
    """Equal to the last digit that the source prints: some records are cut at ten significant digits."""
    if Fraction(booked) == expected:
        return True
    digits = len(booked.lstrip("-").replace(".", "").lstrip("0").rstrip("0"))
    return digits >= 10 and abs(Fraction(booked) - expected) < Fraction(1, 10 ** decimals(booked))


def is_spot(coin):
    return coin.startswith("@") or "/" in coin


def fee_tokens(fill):
    """What a spot fee takes from the tokens: a buyer's fee and a seller's rebate are in the base token."""
    fee = Fraction(fill.get("fee", "0"))
    buys = fill["side"] == "B"
    return fee if is_spot(fill["coin"]) and fee != 0 and buys == (fee > 0) else Fraction(0)


class Position:
    """One trader in one coin, fill after fill. `book` returns the verdict on a close, None if nothing closed."""

    def __init__(self, size_decimals):
        self.lot = Fraction(1, 10**size_decimals)
        self.tick = Fraction(1, 10 ** (6 - size_decimals)) if size_decimals <= 6 else None
        self.quantity = None
        self.known = False
        self.cost = 0.0

    def book(self, fill):
        start, size, spot = Fraction(fill["startPosition"]), Fraction(fill["sz"]), is_spot(fill["coin"])
        near = abs(start) / 10**6 + Fraction(1, 10**10) if spot else 0
        if self.quantity is None or abs(start - self.quantity) > near:
            self.quantity, self.known, self.cost = start, start == 0, 0.0
        buys = fill["side"] == "B"
        closing = min(size, abs(start)) if (start < 0 if buys else start > 0) else Fraction(0)
        verdict = None
        if closing and fill["dir"] != "Spot Dust Conversion":
            verdict = (self.close_spot if spot else self.close_perp)(fill, closing)
        self.quantity += closing if buys else -closing
        if not spot or buys:
            self.open(fill, size - closing, spot)
        self.quantity += size - closing if buys else closing - size
        self.quantity -= fee_tokens(fill)
        return verdict

    def open(self, fill, opening, spot):
        if opening == 0:
            return
        if self.quantity == 0:
            self.cost, self.known = 0.0, True
        self.cost += float(Fraction(fill["px"]) * opening / (USD8 if spot else USD6))

    def close_perp(self, fill, closing):
        long_side = self.quantity > 0
        held, left = abs(self.quantity) / self.lot, (abs(self.quantity) - closing) / self.lot
        price, booked = Fraction(fill["px"]), Fraction(fill["closedPnl"])
        verdict = "anchor"
        if self.known:
            entry = floor(self.cost / float(held)) * self.tick
            expected = closing * (price - entry if long_side else entry - price)
            verdict = "exact" if as_printed(fill["closedPnl"], expected) else \
                "rounded" if abs(booked - expected) <= closing * self.tick else "unexplained"
        else:
            entry = price - (booked if long_side else -booked) / closing
            self.cost, self.known = (float(round(entry / self.tick)) + 0.5) * float(held), True
        self.cost *= float(left) / float(held)
        return verdict

    def close_spot(self, fill, closing):
        if not self.known:
            return "transfer"
        part = self.cost * (float(closing * 10**10) / float(self.quantity * 10**10))
        self.cost -= part
        best = "unexplained"
        for unit in (USD8, USD6):
            cost = floor(part / float(unit / USD8)) * unit
            expected = floor((Fraction(fill["px"]) * closing - cost) * 10**10) * Fraction(1, 10**10)
            if as_printed(fill["closedPnl"], expected):
                return "exact"
            if abs(Fraction(fill["closedPnl"]) - expected) <= unit:
                best = "rounded"
        return best


def reconcile(rows):
    """Verdicts by kind over [(user, fill)] in time order; kinds are perp, hip3 and spot."""
    size_decimals = defaultdict(int)
    for _, fill in rows:
        size_decimals[fill["coin"]] = max(size_decimals[fill["coin"]], decimals(fill["sz"]), decimals(fill["startPosition"]))
    positions, verdicts = {}, defaultdict(Counter)
    for user, fill in rows:
        coin = fill["coin"]
        key = user, coin
        if key not in positions:
            positions[key] = Position(size_decimals[coin])
        verdict = positions[key].book(fill)
        if verdict:
            verdicts["spot" if is_spot(coin) else "hip3" if ":" in coin else "perp"][verdict] += 1
    return verdicts
