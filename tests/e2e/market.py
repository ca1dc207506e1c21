#!/usr/bin/env -S python3 -B
"""What the dashboard asks of the API beyond single traders and coins, against SQL over the same lake: days of the market, the
largest positions, episodes of everybody, holders and traders of a coin, a trader's habits, conditions on traders, parts of pages."""

import math
from decimal import Decimal

from api_client import Server, is_problem, path_of
from e2e import TMP, check, equal, finish, simulate, sql, vigil

MARKET = simulate("market", 80000, traders=200, seed=17, days=3)
LAKE = TMP / "lake"
vigil("fetch", MARKET, "--lake", LAKE, "--quiet")
vigil("features", "--lake", LAKE, "--quiet")
vigil("classify", "--lake", LAKE)
SERVER = Server(LAKE)


def exact(value):
    return Decimal(value or 0)


def days_of_the_market():
    found, pages = SERVER.pages("/market/daily", limit=2)
    expected = sql(LAKE, """SELECT date, count(*), sum(trade_count), sum(volume), sum(taker_buy_volume), sum(taker_sell_volume),
                            sum(liquidated_notional) FROM coin_daily GROUP BY date ORDER BY date DESC""")
    equal([(d["date"], d["coins"], d["trade_count"], *(exact(d[k]) for k in ("volume", "taker_buy_volume", "taker_sell_volume",
                                                                              "liquidated_notional"))) for d in found],
          [(str(r[0])[:10], r[1], int(r[2]), *map(exact, r[3:])) for r in expected], f"/market/daily over {pages} pages")
    equal([d["traders"] for d in found], [r[0] for r in sql(LAKE, "SELECT count(*) FROM trader_daily GROUP BY date ORDER BY date DESC")],
          "traders of each day")
    check(is_problem(SERVER.ask("/market/daily?cursor=AAAA"), 400, "cursor"), "a made-up cursor is refused")


def largest_positions():
    by_value = "ORDER BY abs(position) * last_price DESC, user_address, coin"
    for coin in (None, "BTC", "HYPE"):
        where = f"WHERE coin = '{coin}'" if coin else ""
        for limit in (1, 7, 100):
            found = SERVER.get("/positions", limit=limit, **({"coin": coin} if coin else {}))
            expected = sql(LAKE, f"SELECT user_address, coin, position, last_price FROM positions {where} {by_value} LIMIT {limit}")
            equal([(p["user_address"], p["coin"], exact(p["position"]), exact(p["last_price"])) for p in found["items"]],
                  [(r[0], r[1], exact(r[2]), exact(r[3])) for r in expected], f"the {limit} largest positions in {coin or 'all coins'}")
            equal(found["next_cursor"], None, "without further pages")
    equal(SERVER.get("/positions", coin="NOSUCH")["items"], [], "no position in no coin")
    check(is_problem(SERVER.ask("/positions?limit=101"), 400, "limit"), "at most a hundred")


def episodes_of_everybody():
    for sort, order in (("net_pnl", "desc"), ("net_pnl", "asc"), ("opened_notional", "desc"), ("close_time", "desc")):
        found, pages = SERVER.pages("/episodes", sort=sort, order=order, limit=700)
        values = [e[sort] if sort == "close_time" else exact(e[sort]) for e in found]
        equal(values, sorted(values, reverse=order == "desc"), f"episodes by {sort} {order} over {pages} pages are in order")
        equal(len(found), sql(LAKE, "SELECT count(*) FROM episodes")[0][0], "and all are there")
        equal(sorted((e["user_address"], e["coin"], exact(e["net_pnl"])) for e in found),
              sorted((r[0], r[1], exact(r[2])) for r in sql(LAKE, "SELECT user_address, coin, net_pnl FROM episodes")), "each once")
    for liquidated in ("true", "false"):
        found, _ = SERVER.pages("/episodes", liquidated=liquidated, coin="BTC", limit=300)
        equal(len(found), sql(LAKE, f"SELECT count(*) FROM episodes WHERE coin = 'BTC' AND liquidated = {liquidated}")[0][0],
              f"liquidated={liquidated} in BTC")
        check(all(str(e["liquidated"]).lower() == liquidated for e in found), "only those")
    equal(len(SERVER.pages("/episodes", **{"from": "2026-05-02", "to": "2026-05-02T11:59:59.999Z"}, limit=1000)[0]),
          sql(LAKE, "SELECT count(*) FROM episodes WHERE close_time >= TIMESTAMP '2026-05-02' AND close_time < TIMESTAMP '2026-05-02 12:00:00'")[0][0],
          "of a time")


def holders_of_a_coin():
    for coin in ("BTC", "HYPE", "xyz:NVDA", "PURR/USDC"):
        sides = SERVER.get(path_of("assets", coin) + "/holders")["sides"]
        equal([s["side"] for s in sides], ["long", "short"], f"{coin} has two sides")
        for side, sign in zip(sides, (">", "<")):
            rows = sql(LAKE, f"""SELECT c.class, abs(p.position) * p.last_price AS v FROM positions p LEFT JOIN classes c
                                 ON c.user_address = p.user_address AND c.profile = 'vigil'
                                 WHERE p.coin = '{coin}' AND p.position {sign} 0 ORDER BY v DESC""")
            values = [exact(r[1]) for r in rows]
            equal((side["traders"], exact(side["value"]), exact(side["largest"]), exact(side["largest_ten"])),
                  (len(rows), sum(values, Decimal(0)), sum(values[:1], Decimal(0)), sum(values[:10], Decimal(0))), f"{coin} {side['side']}")
            classes = {}
            for name, value in rows:
                n, total = classes.get(name, (0, Decimal(0)))
                classes[name] = (n + 1, total + exact(value))
            equal({c["class"]: (c["traders"], exact(c["value"])) for c in side["classes"]}, classes, "by class")
    check(is_problem(SERVER.ask("/assets/NOSUCH/holders"), 404, "NOSUCH"), "an unknown coin is a 404")


def habits_of_a_trader():
    for address, in sql(LAKE, "SELECT user_address FROM traders ORDER BY fill_count DESC, 1 LIMIT 1") + \
            sql(LAKE, "SELECT user_address FROM traders ORDER BY fill_count, 1 LIMIT 1"):
        found = SERVER.get(f"/traders/{address}/activity")
        where = f"FROM fills WHERE user_address = '{address}'"
        equal((found["fills"], found["complete"]), (sql(LAKE, f"SELECT count(*) {where}")[0][0], True), f"all fills of {address}")
        hours = {int(r[0]): (r[1], exact(r[2])) for r in sql(LAKE, f"SELECT (isodow(time) - 1) * 24 + hour(time), count(*), sum(price * size) {where} GROUP BY 1")}
        equal([(h["fills"], exact(h["volume"])) for h in found["hours"]], [hours.get(i, (0, Decimal(0))) for i in range(168)], "by hour of the week")
        sizes = [0] * 24
        for value, in sql(LAKE, f"SELECT price * size {where}"):
            sizes[min(23, max(0, math.floor(2 * math.log10(float(value))) + 4))] += 1
        equal(found["sizes"], sizes, "by size")
    check(is_problem(SERVER.ask("/traders/0x" + "1" * 40 + "/activity"), 404, "1" * 40), "an unknown address is a 404")


COIN_SUMS = ("fill_count", "volume", "buy_volume", "taker_volume", "realized_pnl")
SQL_SUMS = "count(*), sum(price * size), coalesce(sum(price * size) FILTER (side = 'B'), 0), coalesce(sum(price * size) FILTER (crossed), 0), coalesce(sum(closed_pnl), 0)"


def coins_of_traders():
    for address, in sql(LAKE, "SELECT user_address FROM traders ORDER BY unique_coins DESC, 1 LIMIT 2"):
        found, pages = SERVER.pages(f"/traders/{address}/coins", limit=2)
        expected = {r[0]: tuple(map(exact, r[1:])) for r in sql(LAKE, f"SELECT coin, {SQL_SUMS} FROM fills WHERE user_address = '{address}' GROUP BY 1")}
        equal({c["coin"]: tuple(exact(c[k]) for k in COIN_SUMS) for c in found}, expected, f"coins of {address} over {pages} pages, from his fills")
        equal([c["coin"] for c in found], sorted(expected, key=lambda coin: (-expected[coin][1], coin)), "by volume")
    for coin in ("BTC", "xyz:NVDA", "PURR/USDC"):
        expected = {r[0]: tuple(map(exact, r[1:])) for r in sql(LAKE, f"SELECT user_address, {SQL_SUMS} FROM fills WHERE coin = '{coin}' GROUP BY 1")}
        for sort, order in (("volume", "desc"), ("net_pnl", "asc"), ("fill_count", "desc")):
            found, pages = SERVER.pages(path_of("assets", coin) + "/traders", sort=sort, order=order, limit=190)
            equal({t["user_address"]: tuple(exact(t[k]) for k in COIN_SUMS) for t in found}, expected, f"{len(found)} traders of {coin} over {pages} pages, from its fills")
            values = [(exact(t[sort]) * (-1 if order == "desc" else 1), t["user_address"]) for t in found]
            equal(values, sorted(values), f"by {sort} {order}, then by address")
    check(is_problem(SERVER.ask("/assets/NOSUCH/traders"), 404, "NOSUCH"), "an unknown coin is a 404")
    check(is_problem(SERVER.ask("/assets/BTC/traders?sort=user_address"), 400, "sort"), "the address is no order")
    check(is_problem(SERVER.ask("/traders/0x" + "1" * 40 + "/coins"), 404, "1" * 40), "nor is an unknown address known")


def conditions_on_traders():
    address = sql(LAKE, "SELECT user_address FROM traders ORDER BY volume DESC LIMIT 1")[0][0]
    for parameters, where in (
            ({"min_net_pnl": "1000"}, "net_pnl >= 1000"), ({"min_win_rate": "0.55"}, "win_rate >= 0.55"),
            ({"min_sharpe": "2.5"}, "sharpe_ratio >= 2.5"), ({"min_hold": "60"}, "avg_hold_time_minutes >= 60"),
            ({"min_coins": "5"}, "unique_coins >= 5"), ({"active_since": "2026-05-03T12:00:00Z"}, "last_trade >= TIMESTAMP '2026-05-03 12:00:00'"),
            ({"prefix": "0x" + address[2:5].upper()}, f"starts_with(user_address, '{address[:5]}')"), ({"prefix": address}, f"user_address = '{address}'"),
            ({"min_sharpe": "0", "min_coins": "2", "min_hold": "1.5"}, "sharpe_ratio >= 0 AND unique_coins >= 2 AND avg_hold_time_minutes >= 1.5")):
        found = SERVER.pages("/traders", limit=13, **parameters)[0]
        expected = [r[0] for r in sql(LAKE, f"SELECT user_address FROM traders WHERE {where} ORDER BY volume DESC, user_address")]
        equal([t["user_address"] for t in found], expected, f"{parameters}: {len(expected)} traders")
    for query in ("prefix=abc", "prefix=0x1g", "min_sharpe=-1", "active_since=now", "min_coins=x"):
        check(is_problem(SERVER.ask(f"/traders?{query}"), 400, query.partition("=")[0]), f"{query} is refused")
    check(is_problem(SERVER.ask("/leaderboard?min_sharpe=1"), 400, "min_sharpe"), "leaderboards have none of these")


def parts_of_pages():
    browser = {"Accept": "text/html"}
    page = SERVER.ask("/traders", headers=browser)
    check(b"/static/" in page.body and "default-src 'none'" in page.headers["content-security-policy"], "a page, under a strict policy")
    equal(SERVER.ask("/nothing/here", headers=browser).status, 404, "what is not there is a 404 for browsers")
    equal(SERVER.ask("/nothing/here", headers=browser).body, page.body, "as a page")
    check(is_problem(SERVER.ask("/nothing/here"), 404), "as a problem for programs")
    check(is_problem(SERVER.ask("/api/v1/nothing", headers=browser), 404), "and for all below /api/v1")
    for name in ("nothing.js", "index.html", "..%2f..%2fetc%2fpasswd", "%00", "a" * 41):
        check(SERVER.ask("/static/" + name).status in (400, 404), f"/static/{name[:20]} is nothing")


for part in (days_of_the_market, largest_positions, episodes_of_everybody, holders_of_a_coin, habits_of_a_trader, coins_of_traders, conditions_on_traders, parts_of_pages):
    part()
equal(SERVER.metric("vigil_http_requests_total", status="500"), 0, "nothing was a fault of the server")
equal(SERVER.stop()[0], 0, "the server ends with 0")
check(not any("Sanitizer" in line or "runtime error" in line for line in SERVER.said), "and no sanitizer complains", "".join(SERVER.said)[-2000:])
finish()
