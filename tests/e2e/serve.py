#!/usr/bin/env -S python3 -B
"""Every endpoint of `vigil serve` on a simulated lake against SQL over the same lake; filters, orders, cursors, CSV, gzip,
ETags, HEAD, CORS, keys, rate limits, pages, events, systemd's protocol, the access log, and the end."""

import csv
import hashlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from decimal import Decimal

from api_client import Server, is_problem, path_of
from e2e import TMP, check, environment, equal, finish, simulate, sql, vigil, vigil_json

MARKET = simulate("market", 60000, traders=150, seed=7, days=3)
LAKE = TMP / "lake"
vigil("fetch", MARKET, "--lake", LAKE, "--quiet")
vigil("features", "--lake", LAKE, "--quiet")
vigil("classify", "--lake", LAKE)
vigil("cluster", "--lake", LAKE)
SERVER = Server(LAKE)


def rows(statement):
    """Rows of SQL as dictionaries: exact numbers are texts."""
    answer = vigil_json("sql", statement, "--lake", LAKE)
    return [dict(zip(answer["columns"], row)) for row in answer["rows"]]


def plain(value):
    """A value of either side in a form that can be compared."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return Decimal(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*", value):
        moment = value.replace("T", " ").rstrip("Z").removesuffix("+00")
        whole, _, fraction = moment.partition(".")
        return whole + "." + (fraction + "0" * 9)[:9]
    return value


def same_rows(found, expected, what):
    """Every column of the expected rows, in order; the answer may have more columns."""
    found = [{k: plain(row[k]) for k in expected[0]} for row in found] if expected else found
    expected = [{k: plain(v) for k, v in row.items()} for row in expected]
    if found == expected:
        check(len(expected) > 0, f"{what}: {len(expected)} rows, equal in all columns")
        return
    differing = next(((f, e) for f, e in zip(found, expected) if f != e), (None, None))
    detail = {k: (differing[0][k], v) for k, v in (differing[1] or {}).items() if differing[0][k] != v}
    check(False, f"{what}: {len(expected)} rows, equal in all columns", f"{len(found)} rows found; {str(detail)[:1500]}")


ADDRESS = sql(LAKE, "SELECT user_address FROM traders ORDER BY fill_count DESC LIMIT 1")[0][0]
# Tables are computed by days: they begin at the first block, or with the day of the first fill when that is later.
SPAN = sql(LAKE, """SELECT greatest((SELECT min(block_time) FROM blocks), date_trunc('day', min(block_time))), max(block_time)
                    FROM fills""")[0]


# --- answers against SQL --------------------------------------------------------------------------------------------


def one_trader():
    answer = SERVER.get(f"/traders/{ADDRESS}")
    same_rows([answer["trader"]], rows(f"SELECT * FROM traders WHERE user_address = '{ADDRESS}'"), "/traders/{address}")
    same_rows(answer["classes"],
              rows(f"""SELECT profile, class, reason, rule_version, as_of FROM classes WHERE user_address = '{ADDRESS}'
                       ORDER BY CASE profile WHEN 'compat-sql' THEN 0 WHEN 'vision' THEN 1 ELSE 2 END"""),
              "its classes")
    equal(plain(answer["coverage"]["from"]), plain(SPAN[0][:23]), "coverage begins where the tables do")
    equal(plain(answer["coverage"]["to"]), plain(SPAN[1][:23]), "and ends with the last fill")
    equal(answer["coverage"]["complete"], True, "it is complete")
    upper = "0x" + ADDRESS[2:].upper()
    equal(SERVER.ask(f"/traders/{upper}").body, SERVER.ask(f"/traders/{ADDRESS}").body, "upper case is the same address")
    check(is_problem(SERVER.ask("/traders/0x" + "1" * 40), 404, "1" * 40), "an unknown address is a 404 that names it")
    money = [v for k, v in answer["trader"].items() if k in ("volume", "net_pnl", "fees_paid")]
    check(all(isinstance(v, str) for v in money), "money is text")


def lists_of_a_trader():
    fills = rows(f"SELECT * FROM fills WHERE user_address = '{ADDRESS}' ORDER BY block_number DESC, event_index DESC")
    found, pages = SERVER.pages(f"/traders/{ADDRESS}/fills", limit=1000)
    same_rows(found, fills, f"/fills over {pages} pages")
    coin = fills[0]["coin"]
    of_coin = [f for f in fills if f["coin"] == coin]
    found, _ = SERVER.pages(f"/traders/{ADDRESS}/fills", limit=7 if len(of_coin) < 200 else 100, coin=coin)
    same_rows(found, of_coin, "/fills of one coin, page by page")
    moment = fills[len(fills) // 2]["time"][:23].replace(" ", "T") + "Z"
    found, _ = SERVER.pages(f"/traders/{ADDRESS}/fills", limit=1000, **{"from": moment})
    same_rows(found, [f for f in fills if plain(f["time"]) >= plain(moment)], "/fills from a moment on")
    found, _ = SERVER.pages(f"/traders/{ADDRESS}/fills", limit=1000, to=moment)
    same_rows(found, [f for f in fills if plain(f["time"]) <= plain(moment)], "/fills up to it")

    busiest = sql(LAKE, "SELECT user_address FROM positions GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0][0]
    found, _ = SERVER.pages(f"/traders/{busiest}/positions", limit=2)
    same_rows(found, rows(f"SELECT * FROM positions WHERE user_address = '{busiest}' ORDER BY coin"), "/positions")
    found, _ = SERVER.pages(f"/traders/{ADDRESS}/daily", limit=1)
    days = rows(f"SELECT * FROM trader_daily WHERE user_address = '{ADDRESS}' ORDER BY date DESC")
    same_rows(found, days, "/daily")
    found = SERVER.get(f"/traders/{ADDRESS}/daily", **{"from": days[1]["date"], "to": days[1]["date"]})["items"]
    same_rows(found, days[1:2], "/daily of one day")
    # Episodes may share all of the order's keys: what counts is that none is lost or told twice.
    found, pages = SERVER.pages(f"/traders/{ADDRESS}/episodes", limit=13)
    expected = rows(f"""SELECT * FROM episodes WHERE user_address = '{ADDRESS}' ORDER BY close_time DESC, open_time DESC,
                        coin, opened_notional""")
    ties = lambda r: [str(plain(r[k])) for k in ("close_time", "open_time", "coin", "opened_notional", "closed_notional",
                                                 "gross_pnl", "fees_usd", "fills", "orders", "max_size")]
    same_rows(sorted(found, key=ties), sorted(expected, key=ties), f"/episodes over {pages} pages")
    equal([plain(r["close_time"]) for r in found], [plain(r["close_time"]) for r in expected], "in the order of their ends")


def lists_of_traders():
    for sort, order in (("volume", "desc"), ("net_pnl", "asc"), ("sharpe_ratio", "desc"), ("sharpe_ratio", "asc"),
                        ("fill_count", "desc"), ("last_trade", "asc"), ("left_censored", "desc"), ("sleep_gap_h", "asc")):
        expected = rows(f"SELECT * FROM traders ORDER BY {sort} {order} NULLS LAST, user_address")
        found, pages = SERVER.pages("/traders", sort=sort, order=order, limit=17)
        same_rows(found, expected, f"/traders by {sort} {order} over {pages} pages")
    whole = SERVER.get("/traders", limit=1000)["items"]
    equal([r["user_address"] for r in whole],
          [r[0] for r in sql(LAKE, "SELECT user_address FROM traders ORDER BY volume DESC, user_address")],
          "/traders without parameters is by volume")
    for profile, column in (("vigil", "class"), ("vision", "class_vision"), ("compat-sql", "class_compat_sql")):
        classes = {r[0]: r[1] for r in sql(LAKE, f"SELECT user_address, class FROM classes WHERE profile = '{profile}'")}
        equal({r["user_address"]: r[column] for r in whole}, classes, f"classes by {profile}")
        for name in sorted(set(classes.values())):
            found = SERVER.pages("/traders", type=name, profile=profile, limit=9)[0]
            equal({r["user_address"] for r in found}, {a for a, c in classes.items() if c == name}, f"type={name}&profile={profile}")
    smart = [SERVER.get("/traders", **{p: v})["items"] for p, v in (("type", "SMART"), ("class", "SMART_DIRECTIONAL"))]
    equal(smart[0], smart[1], "type=SMART is short for SMART_DIRECTIONAL")
    middle = sql(LAKE, "SELECT volume FROM traders ORDER BY volume DESC OFFSET 40 LIMIT 1")[0][0]
    middle = middle.rstrip("0") if len(middle.partition(".")[2].rstrip("0")) <= 10 else middle.partition(".")[0] + ".5"
    found = SERVER.pages("/traders", min_volume=middle, min_fills=20, min_days=2, limit=11)[0]
    expected = sql(LAKE, f"""SELECT user_address FROM traders WHERE volume >= {middle} AND fill_count >= 20 AND
                             active_days >= 2 ORDER BY volume DESC, user_address""")
    equal([r["user_address"] for r in found], [r[0] for r in expected], f"conditions: {len(expected)} traders")


def leaderboards():
    for by, order in (("net_pnl", "desc"), ("net_pnl", "asc"), ("volume", "desc"), ("active_days", "asc")):
        found, _ = SERVER.pages("/leaderboard", by=by, order=order, limit=23)
        expected = rows(f"""SELECT user_address, net_pnl, realized_pnl, fees_paid, volume, net_pnl_mtm, fill_count,
                            winning_fills, losing_fills, active_days FROM traders
                            WHERE user_address <> '0x{"e" * 40}' ORDER BY {by} {order}, user_address""")
        same_rows(found, expected, f"/leaderboard by {by} {order}")
        equal([r["rank"] for r in found], list(range(1, len(found) + 1)), "ranks go on over pages")
    last = sql(LAKE, "SELECT max(date) FROM trader_daily")[0][0]
    for period, days in (("1d", 1), ("7d", 7), ("30d", 30)):
        found, _ = SERVER.pages("/leaderboard", period=period, limit=1000)
        expected = rows(f"""SELECT user_address, sum(net_pnl) AS net_pnl, sum(volume) AS volume, sum(fill_count) AS fill_count,
                            sum(net_pnl_mtm) + sum(net_pnl_mtm_idle) AS net_pnl_mtm, count(*) AS active_days
                            FROM trader_daily WHERE date > DATE '{last}' - {days} AND user_address <> '0x{"e" * 40}'
                            GROUP BY 1 ORDER BY net_pnl DESC, 1""")
        for row in expected:
            row["fill_count"] = int(row["fill_count"])
        same_rows(found, expected, f"/leaderboard of {period}")


def coins():
    found, pages = SERVER.pages("/assets", limit=10)
    expected = rows("""SELECT coin, any_value(kind) AS kind, min(date) AS first_date, max(date) AS last_date,
                       count(*) AS active_days, CAST(sum(fill_count) AS BIGINT) AS fill_count,
                       CAST(sum(trade_count) AS BIGINT) AS trade_count, sum(volume) AS volume,
                       sum(taker_buy_volume) AS taker_buy_volume, sum(taker_sell_volume) AS taker_sell_volume,
                       sum(liquidated_notional) AS liquidated_notional, max_by(volume, date) AS last_day_volume,
                       max_by(unique_traders, date) AS last_day_traders, max_by(close, date) FILTER (close IS NOT NULL) AS close
                       FROM coin_daily GROUP BY coin ORDER BY volume DESC, coin""")
    same_rows(found, expected, f"/assets over {pages} pages")
    for kind in ("perp", "hip3", "spot"):
        equal([a["coin"] for a in SERVER.get("/assets", kind=kind)["items"]], [a["coin"] for a in expected if a["kind"] == kind],
              f"/assets?kind={kind}")
    for coin in {expected[0]["coin"], *[a["coin"] for a in expected if not a["coin"].isalnum()][:3]}:
        path = path_of("assets", coin)
        equal(SERVER.get(path)["asset"], next(a for a in found if a["coin"] == coin), f"{path} is its row of the list")
        same_rows(SERVER.pages(path + "/daily", limit=1)[0], rows(f"SELECT * FROM coin_daily WHERE coin = '{coin}' ORDER BY date DESC"),
                  f"{path}/daily")
        equal(SERVER.get(path + "/signals")["items"], [], f"{path}/signals is empty yet")
    check(is_problem(SERVER.ask("/assets/NOSUCHCOIN"), 404, "NOSUCHCOIN"), "an unknown coin is a 404 that names it")


def other_answers():
    coverage = SERVER.get("/coverage")
    equal(coverage["fills"], sql(LAKE, "SELECT count(*) FROM fills")[0][0], "/coverage counts the fills")
    equal((coverage["hours_present"], coverage["hours_span"]), (72, 72), "and the hours")
    equal(coverage["traders"], sql(LAKE, "SELECT count(*) FROM traders")[0][0], "and the traders")
    equal(SERVER.get("/alerts"), {"coverage": {k: coverage["coverage"][k] for k in ("from", "to", "complete")}, "items": [],
                                  "next_cursor": None}, "/alerts is empty yet")
    answer = SERVER.get("/api/v1/twaps", wallet=ADDRESS, start="2025-11-01T00:00:00Z", end="2025-11-04")
    equal(answer, {"wallet": ADDRESS, "start": "2025-11-01T00:00:00Z", "end": "2025-11-04T00:00:00Z", "twaps": []}, "TWAPs are empty yet")
    check(is_problem(SERVER.ask("/api/v1/twaps", wallet=ADDRESS), 400, "start"), "and want a time")
    check(is_problem(SERVER.ask("/api/v1/twaps/123456"), 404, "123456"), "one of them is not there")
    health = SERVER.get("/healthz")
    equal((health["status"], health["store"]["ok"]), ("ok", True), "/healthz is well")
    check(SERVER.get("/")["docs"] == "/docs", "/ shows the way")
    page = SERVER.ask("/docs")
    check(page.type == "text/html" and b"/openapi.json" in page.body, "/docs is a page")
    check(not re.search(rb"(src|href)\s*=\s*[\"']?\s*(https?:)?//", page.body), "that asks no other host")
    for path in ("/traders", "/leaderboard", "/assets", "/healthz", f"/traders/{ADDRESS}", "/coverage", "/alerts"):
        one, other = SERVER.ask(path), SERVER.ask("/api/v1" + path)
        strip = lambda b: re.sub(rb'"age_s":[0-9.]+', b"", b)
        equal(strip(other.data), strip(one.data), f"/api/v1{path} is {path}")


def clusters_and_map():
    summary = json.loads((LAKE / "outputs/cluster_summary.json").read_text())
    members = rows("""SELECT k.user_address, cluster_id, map_x, map_y, class FROM clusters k LEFT JOIN classes c
                      ON c.user_address = k.user_address AND c.profile = 'vigil' WHERE map_x IS NOT NULL ORDER BY 1""")
    answer = SERVER.get("/clusters")
    fields = ("id", "name", "traders", "reason", "what_they_do", "when_they_trade", "how_they_earn", "typical_members", "opening_hours",
              "opening_weekdays")
    equal([{k: c[k] for k in fields} for c in answer["clusters"]], [{k: c[k] for k in fields} for c in summary["clusters"]],
          f"/clusters: the {len(summary['clusters'])} of the summary, by id")
    check(all(abs(c["centre"][name] - value) < 1e-3 for c, s in zip(answer["clusters"], summary["clusters"]) for name, value in s["z"].items()),
          "/clusters: with their centres")
    equal(answer["as_of"][:23], summary["as_of"][:23], "/clusters: as of the summary")
    check(abs(answer["quality"]["trustworthiness"] - summary["map"]["trustworthiness"]) < 1e-6 and answer["quality"]["clustered"] == summary["clustered"],
          "/clusters: how good they are", answer["quality"])
    found = SERVER.get("/clusters/map")
    check(found["trustworthiness"] == answer["quality"]["trustworthiness"] and found["as_of"] == answer["as_of"], "/clusters/map: how far to trust it")
    order = sorted(range(len(found["traders"])), key=lambda i: found["traders"][i])
    equal([(found["traders"][i], found["cluster"][i], found["class"][i]) for i in order],
          [(m["user_address"], int(m["cluster_id"]), m["class"]) for m in members], f"/clusters/map: {len(members)} traders, their clusters and classes")
    check(all(abs(found[axis][i] - float(m["map_" + axis])) < 1e-4 for i, m in zip(order, members) for axis in "xy"), "/clusters/map: and places")
    choices = next(p["schema"]["enum"] for p in SERVER.get("/openapi.json")["paths"]["/clusters/map/{figure}"]["get"]["parameters"])
    numeric = [r[0] for r in sql(LAKE, "DESCRIBE traders") if r[1] in ("BIGINT", "INTEGER", "DOUBLE") or r[1].startswith("DECIMAL")]
    equal(choices, numeric, f"/clusters/map/{{figure}}: {len(numeric)} figures, the numeric columns of traders")
    listed = {t["user_address"]: t for t in SERVER.pages("/traders", limit=1000)[0]}
    differing = [name for name in choices if SERVER.get(f"/clusters/map/{name}")["values"] != [listed[a][name] for a in found["traders"]]]
    equal(differing, [], "/clusters/map/{figure}: each value as /traders has it, in the order of the map")
    one_figure = SERVER.get("/clusters/map/net_pnl")
    equal({k: one_figure[k] for k in ("coverage", "as_of", "figure")}, {"coverage": found["coverage"], "as_of": found["as_of"], "figure": "net_pnl"},
          "/clusters/map/net_pnl: of the same state")
    for name in ("user_address", "first_trade", "left_censored", "class", "nothing"):
        check(is_problem(SERVER.ask(f"/clusters/map/{name}"), 400, "figure"), f"/clusters/map/{name}: no number to colour by")
    one = answer["clusters"][0]
    listed, _ = SERVER.pages("/traders", cluster=one["id"], limit=7)
    equal(sorted(t["user_address"] for t in listed), sorted(m["user_address"] for m in members if int(m["cluster_id"]) == one["id"]),
          f"/traders?cluster={one['id']}: its members")
    check(all((t["cluster_id"], t["cluster_name"]) == (one["id"], one["name"]) for t in listed), "and every row says so")
    equal(SERVER.get("/traders", cluster=4711)["items"], [], "/traders?cluster=4711: nobody")
    check(is_problem(SERVER.ask("/traders", cluster="all"), 400, "cluster"), "/traders?cluster=all: a problem that names it")
    outside = rows("SELECT user_address FROM clusters WHERE cluster_id IS NULL ORDER BY 1 LIMIT 1")[0]["user_address"]
    trader = SERVER.get(path_of("traders", outside))["trader"]
    equal((trader["cluster_id"], trader["cluster_name"]), (None, "unclassified"), "a trader in no cluster: null")
    check(SERVER.get("/leaderboard", cluster=one["id"])["items"][0]["user_address"] in found["traders"], "/leaderboard?cluster=: of its members")


# --- forms of answers -----------------------------------------------------------------------------------------------


def csv_is_the_same():
    for path, parameters in ((f"/traders/{ADDRESS}/fills", {"limit": 300}), ("/traders", {"limit": 1000}), ("/leaderboard", {}),
                             ("/assets", {}), (f"/traders/{ADDRESS}/daily", {}), (f"/traders/{ADDRESS}/episodes", {})):
        as_json = SERVER.get(path, **parameters)
        for way in ({"headers": {"Accept": "text/csv"}}, {"format": "csv"}):
            answer = SERVER.ask(path, **parameters, **way)
            table = list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))
            text = lambda v: "" if v is None else json.dumps(v) if isinstance(v, (bool, int, float)) else v
            equal([[text(v) for v in row.values()] for row in as_json["items"]], [list(row.values()) for row in table],
                  f"{path} as CSV by {list(way)[0]}")
            equal(json.loads(answer.headers["x-coverage"]), as_json["coverage"], "its header says the coverage")
            equal(answer.headers.get("x-next-cursor"), as_json["next_cursor"], "and the next page")
    equal(SERVER.ask("/traders", headers={"Accept": "text/csv"}, format="json").type, "application/json", "format beats Accept")
    equal(SERVER.ask(f"/traders/{ADDRESS}", format="csv").data.count(b"\r\n"), 2, "one trader as CSV has two lines")


def gzip_and_etags():
    for path in (f"/traders/{ADDRESS}", "/traders?limit=50", "/openapi.json", f"/traders/{ADDRESS}/fills", "/assets"):
        whole, packed = SERVER.ask(path), SERVER.ask(path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
        check(packed.headers.get("content-encoding") == "gzip" and len(packed.body) < len(whole.body) / 2, f"{path} is packed")
        equal(packed.data, whole.body, "and holds the same")
        check("Accept-Encoding" in packed.headers["vary"], "caches know that it depends")
        refused = SERVER.ask(path, headers={"Accept-Encoding": "gzip;q=0, identity"})
        check("content-encoding" not in refused.headers, "q=0 refuses it")
    check("content-encoding" not in SERVER.ask("/", headers={"Accept-Encoding": "gzip"}).headers, "what is small stays")
    tags = set()
    for path, headers in ((f"/traders/{ADDRESS}", {}), (f"/traders/{ADDRESS}", {"Accept-Encoding": "gzip"}),
                          (f"/traders/{ADDRESS}", {"Accept": "text/csv"}), ("/traders", {}), ("/traders?limit=3", {}),
                          (f"/traders/{ADDRESS}/fills", {}), ("/coverage", {})):
        first = SERVER.ask(path, headers=headers)
        tag = first.headers["etag"]
        check(re.fullmatch(r'"[0-9a-f-]+"', tag) is not None, f"{path} has a strong ETag")
        tags.add(tag)
        for value in (tag, f'"other", {tag}', "*"):
            again = SERVER.ask(path, headers={**headers, "If-None-Match": value})
            equal((again.status, again.body, again.headers["etag"]), (304, b"", tag), f"If-None-Match {value[:8]}…: 304")
        equal(SERVER.ask(path, headers={**headers, "If-None-Match": '"other"'}).status, 200, "another ETag: 200")
    equal(len(tags), 7, "different answers have different ETags")


def head_and_options():
    for path in (f"/traders/{ADDRESS}", "/traders", "/healthz", "/docs", "/nothing", "/stream", "/traders?limit=x"):
        connection = SERVER.connect()
        head = SERVER.ask(path, method="HEAD", connection=connection)
        after = SERVER.ask("/", connection=connection)
        equal((head.body, after.status), (b"", 200), f"HEAD {path}: no body, and the connection goes on")
        if path != "/stream":
            get = SERVER.ask(path)
            keep = lambda a: {k: v for k, v in a.headers.items() if k not in ("date", "content-length")}
            equal((head.status, keep(head)), (get.status, keep(get)), "with GET's status and headers")
        ahead = SERVER.raw(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        equal(ahead.split(b"\r\n\r\n", 1)[1][:15], b"HTTP/1.1 200 OK", "and not a byte between the answers")
    answer = SERVER.ask("/traders", method="OPTIONS")
    equal((answer.status, answer.headers["allow"]), (204, "GET, HEAD, OPTIONS"), "OPTIONS tells the methods")
    check("access-control-allow-origin" not in SERVER.ask("/", headers={"Origin": "https://a.example"}).headers, "no CORS unless asked for")


def pages_for_browsers():
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for path in ("/", "/traders", f"/traders/{ADDRESS}", "/assets", "/assets/BTC", "/alerts"):
        answer = SERVER.ask(path, headers=browser)
        check(answer.status == 200 and answer.type == "text/html" and b"/docs" in answer.body, f"{path} is a page for browsers")
        equal(SERVER.ask(path, headers={"Accept": "*/*"}).type, "application/json", "and JSON for programs")
    equal(SERVER.ask("/api/v1/traders", headers=browser).type, "application/json", "/api/v1 has no pages")
    equal(SERVER.ask("/leaderboard", headers=browser).type, "application/json", "nor have paths that are no pages")


def wrong_parameters():
    for path, words in (
            ("/traders?limit=0", ["limit", "1 to 1000"]), ("/traders?limit=1001", ["limit"]), ("/traders?limit=ten", ["limit"]),
            ("/traders?limt=5", ["limt", "limit"]), ("/traders?sort=nothing", ["sort", "volume"]), ("/traders?type=RICH", ["type", "SMART"]),
            ("/traders?min_volume=-1", ["min_volume"]), ("/traders?min_volume=1e9", ["min_volume"]), ("/traders?limit=5&limit=6", ["limit", "twice"]),
            ("/traders?cursor=AAAA", ["cursor", "next_cursor"]), ("/traders/0x12", ["address", "40"]), ("/traders/BTC/fills", ["address"]),
            (f"/traders/{ADDRESS}/fills?from=yesterday", ["from", "2025-11-01"]), (f"/traders/{ADDRESS}/fills?from=2026-02-30", ["from"]),
            ("/leaderboard?period=2d", ["period", "7d"]), ("/assets?kind=future", ["kind", "hip3"]), ("/healthz?x=1", ["x"])):
        answer = SERVER.ask(path)
        check(is_problem(answer, 400, *words), f"{path} is a 400 that says {words}", answer)
    cursor = SERVER.get("/traders", limit=5)["next_cursor"]
    check(is_problem(SERVER.ask("/traders", limit=5, sort="net_pnl", cursor=cursor), 400, "cursor"), "a cursor fits its own question only")
    check(is_problem(SERVER.ask("/leaderboard", cursor=cursor), 400, "cursor"), "and its own path")
    equal(len(SERVER.get("/traders", limit=9, cursor=cursor)["items"]), 9, "the limit may change from page to page")
    answer = SERVER.ask("/traders", method="POST", body=b"{}")
    check(is_problem(answer, 405) and answer.headers["allow"] == "GET, HEAD, OPTIONS", "POST is a 405")


# --- keys, limits, CORS, log ----------------------------------------------------------------------------------------


def keys_limits_cors_and_log():
    keys = TMP / "keys"
    secret = "k-5d1f0c7a9be24473"
    keys.write_text(f"# keys\n\nboard {hashlib.sha256(secret.encode()).hexdigest()}\nother {hashlib.sha256(b'o').hexdigest()}\n")
    log = TMP / "access.log"
    server = Server(LAKE, "--api-keys", keys, "--rate-limit", "10", "--cors-origin", "https://a.example,http://localhost:5173",
                    "--access-log", log)
    for path in (f"/traders/{ADDRESS}", "/stream", "/metrics"):
        answer = server.ask(path)
        check(is_problem(answer, 401) and answer.headers["www-authenticate"].startswith("Bearer"), f"{path} without a key: 401")
    for headers in ({"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}, {"X-API-Key": ""},
                    {"X-API-Key": secret[:-1]}, {"X-API-Key": secret + "x"}):
        check(is_problem(server.ask("/coverage", headers=headers), 401), f"with {headers}: 401")
    for headers in ({"X-API-Key": secret}, {"Authorization": "Bearer " + secret}, {"authorization": "bearer " + secret}):
        equal(server.ask("/coverage", headers=headers).status, 200, f"with {list(headers)[0]}: 200")
    time.sleep(2.2)  # the bucket of this address is full again
    for path in ("/healthz", "/openapi.json", "/docs"):
        equal(server.ask(path).status, 200, f"{path} is open to everybody")
    answers = [server.ask("/coverage", headers={"X-API-Key": "o"}) for _ in range(40)]
    refused = [a for a in answers if a.status == 429]
    check(10 <= len(refused) < 40 and all(is_problem(a, 429) and int(a.headers["retry-after"]) >= 1 for a in refused),
          "more than the limit is a 429 with Retry-After", len(refused))
    equal(server.ask("/coverage", headers={"X-API-Key": secret}).status, 200, "another key has its own limit")
    time.sleep(int(refused[-1].headers["retry-after"]))
    equal(server.ask("/coverage", headers={"X-API-Key": "o"}).status, 200, "after that time it goes on")

    key = {"X-API-Key": secret}
    for origin in ("https://a.example", "http://localhost:5173"):
        answer = server.ask("/coverage", headers={**key, "Origin": origin})
        equal(answer.headers.get("access-control-allow-origin"), origin, f"pages of {origin} may read answers")
        check("Origin" in answer.headers["vary"], "caches know that it depends")
        preflight = server.ask("/coverage", method="OPTIONS", headers={"Origin": origin, "Access-Control-Request-Method": "GET",
                                                                       "Access-Control-Request-Headers": "x-api-key"})
        check(preflight.status == 204 and "X-API-Key" in preflight.headers["access-control-allow-headers"], "and may send keys")
    for origin in ("https://b.example", "https://a.example.evil", "null", ""):
        answer = server.ask("/coverage", headers={**key, "Origin": origin})
        check("access-control-allow-origin" not in answer.headers, f"pages of '{origin}' may not")
    server.ask("/coverage?api_key=" + secret, headers=key)
    server.ask("/traders?limit=3", headers=key)
    equal(server.stop()[0], 0, "it stops")
    lines = log.read_text().splitlines()
    check(all(re.fullmatch(r"\S+Z 127\.0\.0\.1 [A-Z]+ \S+ \d+ \d+ \d+\.\d\dms( key=\w+)?", line) for line in lines),
          f"{len(lines)} lines in the access log", lines[:3])
    check(any("/traders?limit=3 200" in line and "key=board" in line for line in lines), "with the query and the key's name")
    check(secret not in log.read_text() and secret not in "".join(server.said), "no key is in the log, not even one in a query")
    for text, what in (("board", "no hash"), ("board 12", "a short hash"), ("", "nothing")):
        keys.write_text(text)
        result = vigil("serve", "--lake", LAKE, "--listen", "127.0.0.1:0", "--api-keys", keys, code=1)
        check(str(keys) in result.stderr.decode(), f"a file of keys with {what} is refused", result.stderr)


# --- events ---------------------------------------------------------------------------------------------------------


class Listener:
    def __init__(self, server, **headers):
        self.connection = server.connect(timeout=30)
        self.connection.request("GET", "/stream", headers=headers)
        self.response = self.connection.getresponse()

    def event(self):
        """The next event as a dictionary; None at the end."""
        event = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            if line == "\n":
                if "data" in event:
                    return event
                event = {}
            elif not line.startswith(":") and ":" in line:
                name, _, value = line.rstrip("\n").partition(": ")
                event[name] = value

    def until(self, number):
        """All events up to the one of this number."""
        events = []
        while not events or not events[-1]["id"].endswith(f"-{number}"):
            events.append(self.event())
        return events

    def close(self):
        self.response.close()
        self.connection.close()


def events_so_far(server):
    """Their number, once no more come: a job's tables and its classes may be told together or one by one."""
    before, now = -1, 0
    while before != now:
        before = now
        time.sleep(2.5)
        now = int(server.metric("vigil_stream_events_total"))
    return now


def publishing():
    """Jobs publish while readers ask: every answer is whole, of one version, and well."""
    market = simulate("small", 20000, traders=60, seed=3, days=2)
    lake = TMP / "small-lake"
    vigil("fetch", market, "--lake", lake, "--quiet")
    vigil("features", "--lake", lake, "--quiet")
    server = Server(lake)
    listener = Listener(server)
    equal(listener.response.getheader("Content-Type"), "text/event-stream", "/stream is an event stream")
    addresses = [r["user_address"] for r in server.get("/traders", limit=1000)["items"]]
    problems, counts, stop = [], {}, threading.Event()

    def read(number):
        connection = server.connect()
        paths = (lambda a: f"/traders/{a}", lambda a: "/traders?limit=200", lambda a: f"/traders/{a}/fills?limit=20",
                 lambda a: f"/traders/{a}/daily", lambda a: "/leaderboard?period=7d", lambda a: "/assets",
                 lambda a: f"/traders/{a}/episodes?limit=30", lambda a: "/coverage")
        i = number
        while not stop.is_set():
            path = paths[i % len(paths)](addresses[i % len(addresses)])
            i += 1
            try:
                answer = server.ask(path, connection=connection)
                document = answer.json
                if answer.status != 200 or not document["coverage"]["complete"]:
                    problems.append(f"{path}: {answer}")
                counts[path.partition("?")[0].rpartition("/")[2]] = counts.get(path.partition("?")[0].rpartition("/")[2], 0) + 1
            except Exception as error:  # a torn answer is no JSON, or too short
                problems.append(f"{path}: {type(error).__name__} {error}")
                connection = server.connect()

    readers = [threading.Thread(target=read, args=(n,)) for n in range(6)]
    for reader in readers:
        reader.start()
    versions = set()
    for _ in range(4):
        vigil("features", "--full", "--lake", lake, "--quiet")
        vigil("classify", "--lake", lake)
        event = listener.event()
        equal(event["event"], "published", "an event tells that new data are there")
        versions.add(json.loads(event["data"])["version"])
    stop.set()
    for reader in readers:
        reader.join()
    check(not problems, f"{sum(counts.values())} answers while 8 jobs published: each whole and well", "\n".join(problems[:5]))
    check(len(versions) >= 3, "each with another version", versions)
    equal(server.metric("vigil_http_requests_total", status="503"), 0, "nothing was refused")

    # Replay.
    count = events_so_far(server)
    if not event["id"].endswith(f"-{count}"):
        listener.until(count)
    first = Listener(server, **{"Last-Event-ID": "1-0"})
    history = first.until(count)
    check(len(history) >= 5, f"an unknown id brings all {len(history)} events that are kept")
    again = Listener(server, **{"Last-Event-ID": history[1]["id"]})
    equal([again.event() for _ in history[2:]], history[2:], "a known id brings what came after it")
    vigil("features", "--full", "--lake", lake, "--quiet")
    fresh = [one.until(events_so_far(server)) for one in (listener, first, again)]
    check(fresh[0] == fresh[1] == fresh[2] and fresh[0][0]["id"] not in {h["id"] for h in history}, "then all get the same news")
    check(server.metric("vigil_stream_listeners") == 3, "three listen")
    listener.close()

    # Who was asked for before is ready after a publication, too: nobody has asked since.
    before = server.get("/coverage")["version"]
    server.pages("/traders", limit=1000)
    vigil("features", "--full", "--lake", lake, "--quiet")
    for _ in range(200):
        if server.get("/coverage")["version"] != before:
            break
        time.sleep(0.05)
    ready, unasked = (s.metric("vigil_snapshot_bytes") for s in (server, Server(lake)))
    check(ready > unasked + 3000 * len(addresses), f"answers about {len(addresses)} traders are ready behind a publication", f"{ready} and {unasked} bytes")
    count = events_so_far(server)
    first.until(count), again.until(count)

    # The end: streams are closed, what runs is finished, new connections are not taken.
    results = []

    def slow():
        results.append(server.ask("/traders?limit=1000&sort=edge_bps").status)

    threads = [threading.Thread(target=slow) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    code, seconds = server.stop()
    for thread in threads:
        thread.join()
    equal(code, 0, "SIGTERM: exit 0")
    check(seconds < 9, "before the grace is over, though streams were open", seconds)
    check(first.event() is None and again.event() is None, "streams end")
    check(all(status == 200 for status in results), "what was asked is answered", results)


def starting_and_systemd():
    """Before there are tables; the protocol of systemd; addresses."""
    empty = TMP / "empty-lake"
    vigil("fetch", MARKET, "--lake", empty, "--quiet")
    path = str(TMP / "notify")
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(path)
    told.settimeout(20)
    server = Server(empty, env=environment(NOTIFY_SOCKET=path, WATCHDOG_USEC=400000))
    equal(told.recv(100), b"READY=1", "systemd is told READY=1")
    equal([told.recv(100) for _ in range(3)], [b"WATCHDOG=1"] * 3, "then WATCHDOG=1, again and again")
    for where in (f"/traders/{ADDRESS}", "/traders", "/assets", "/healthz", f"/traders/{ADDRESS}/fills"):
        answer = server.ask(where)
        check(is_problem(answer, 503) and int(answer.headers["retry-after"]) > 0, f"{where} without tables: 503 with Retry-After", answer)
    equal(server.ask("/docs").status, 200, "what needs no data is there")
    check(any("vigil features" in line for line in server.said), "stderr says what to do", server.said)
    vigil("features", "--lake", empty, "--quiet")
    for _ in range(100):
        if server.ask("/healthz").status == 200:
            break
        time.sleep(0.1)
    equal(server.get(f"/traders/{ADDRESS}")["trader"], {**SERVER.get(f"/traders/{ADDRESS}")["trader"], "class": None,
                                                        "class_vision": None, "class_compat_sql": None,
                                                        "cluster_id": None, "cluster_name": None},
          "tables that come are served without a restart; without classes and clusters yet")
    nothing = server.get("/clusters")
    equal((nothing["clusters"], nothing["as_of"], server.get("/clusters/map")["traders"]), ([], None, []), "/clusters and the map are empty yet")
    answer = server.get("/clusters/map/volume")
    equal((answer["as_of"], answer["values"]), (None, []), "and so are its figures")
    server.process.send_signal(signal.SIGTERM)
    while (message := told.recv(100)) == b"WATCHDOG=1":
        pass
    equal(message, b"STOPPING=1", "and STOPPING=1 at the end")
    equal(server.process.wait(30), 0, "exit 0")
    for where in ("nowhere", "127.0.0.1", "127.0.0.1:99999", "300.1.1.1:80", ":8080"):
        result = vigil("serve", "--lake", LAKE, "--listen", where, code=2)
        check(where.encode() in result.stderr, f"--listen {where} is wrong usage")
    taken = vigil("serve", "--lake", LAKE, "--listen", f"127.0.0.1:{SERVER.port}", code=1)
    check(b"cannot listen" in taken.stderr, "a port that is taken is told", taken.stderr)
    everywhere = subprocess.Popen([os.path.abspath(server.process.args[0]), "serve", "--lake", str(LAKE), "--listen", "0.0.0.0:0"],
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment(), text=True)
    check("warning" in everywhere.stderr.readline(), "listening to all without keys is warned of")
    everywhere.terminate()
    everywhere.communicate(timeout=30)


for part in (one_trader, lists_of_a_trader, lists_of_traders, leaderboards, coins, clusters_and_map, other_answers, csv_is_the_same, gzip_and_etags,
             head_and_options, pages_for_browsers, wrong_parameters, keys_limits_cors_and_log, publishing, starting_and_systemd):
    part()
equal(SERVER.metric("vigil_http_requests_total", status="500"), 0, "nothing was a fault of the server")
check(SERVER.metric("vigil_http_requests_total", route="/traders", status="200") > 50, "/metrics counts by route and status")
equal(SERVER.stop()[0], 0, "the server ends with 0")
complaints = [line for server in Server.all for line in server.said if "Sanitizer" in line or "runtime error" in line]
check(not complaints, "and no sanitizer complains", "".join(Server.all[0].said)[-2500:] if complaints else "")
finish()
