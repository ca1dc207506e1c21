#!/usr/bin/env -S python3 -B
"""`vigil serve` gives the same bodies from the lake and from PostgreSQL: lists, filters, pages to the end, CSV, problems.
Then the database goes away and comes back, freezes, and is slow: 503 and 504 that say so, nothing left on the server, and
recovery without help."""

import json
import os
import signal
import subprocess
import threading
import time

from api_client import Server, is_problem, path_of
from e2e import TMP, at_end, check, command, environment, equal, finish, simulate, sql, start, vigil
from postgres import Postgres

MARKET = simulate("market", 40000, traders=150, seed=9, days=3)
LAKE = TMP / "lake"
vigil("fetch", MARKET, "--lake", LAKE, "--quiet")
vigil("features", "--lake", LAKE, "--quiet")
vigil("classify", "--lake", LAKE)
vigil("cluster", "--lake", LAKE)
DATABASE = start(Postgres())
vigil("load", "--source", LAKE, env=environment(DATABASE_URL=DATABASE.url))
EMBEDDED = Server(LAKE)
POSTGRES = Server(TMP / "there-is-no-lake", env=environment(DATABASE_URL=DATABASE.url))

ADDRESSES = [row[0] for row in sql(LAKE, "SELECT user_address FROM traders ORDER BY fill_count DESC, user_address")]
BUSY, QUIET = ADDRESSES[0], ADDRESSES[-1]
COINS = [row[0] for row in sql(LAKE, "SELECT coin FROM fills GROUP BY coin ORDER BY count(*) DESC, coin")]
SPOT = next(coin for coin in COINS if coin.startswith("@"))
MOMENT = sql(LAKE, f"SELECT time FROM fills WHERE user_address = '{BUSY}' ORDER BY time OFFSET 300 LIMIT 1")[0][0]
MOMENT = MOMENT[:23].replace(" ", "T") + "Z"
CLASS = sql(LAKE, "SELECT class FROM classes WHERE profile = 'vigil' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0][0]


# --- the same bodies ------------------------------------------------------------------------------------------------

# Every list of the API, with what can be asked of it; pages are followed to the end.
LISTS = [("/traders", {}), ("/traders", {"limit": 7}), ("/traders", {"sort": "net_pnl", "order": "asc", "limit": 23}),
         ("/traders", {"sort": "sharpe_ratio", "limit": 40}), ("/traders", {"class": CLASS, "limit": 9}),
         ("/traders", {"type": "SMART"}), ("/traders", {"profile": "vision", "min_fills": 50, "min_days": 2}),
         ("/traders", {"min_volume": "100000.5", "sort": "fees_paid", "limit": 11}),
         ("/leaderboard", {}), ("/leaderboard", {"by": "volume", "period": "1d", "limit": 13}),
         ("/leaderboard", {"by": "net_pnl", "order": "asc", "period": "7d", "class": CLASS}),
         ("/assets", {}), ("/assets", {"limit": 5}), ("/assets", {"kind": "spot"}),
         (path_of("assets", COINS[0], "daily"), {}), (path_of("assets", SPOT, "daily"), {"limit": 1}),
         (path_of("assets", COINS[0], "daily"), {"from": MOMENT, "to": MOMENT}),
         (path_of("assets", COINS[0], "traders"), {"limit": 60}), (path_of("assets", SPOT, "traders"), {"sort": "net_pnl", "order": "asc"}),
         (path_of("assets", COINS[0], "signals"), {}), ("/alerts", {}), ("/coverage/hours", {}), ("/coverage/hours", {"limit": 2})]
for who in (BUSY, ADDRESSES[len(ADDRESSES) // 2], QUIET):
    LISTS += [(f"/traders/{who}/fills", {"limit": 400}), (f"/traders/{who}/fills", {"limit": 17, "coin": COINS[0]}),
              (f"/traders/{who}/fills", {"from": MOMENT, "limit": 250}), (f"/traders/{who}/fills", {"to": MOMENT, "limit": 1000}),
              (f"/traders/{who}/fills", {"from": MOMENT, "to": MOMENT}), (f"/traders/{who}/fills", {"coin": "NOSUCHCOIN"}),
              (f"/traders/{who}/positions", {}), (f"/traders/{who}/positions", {"limit": 2}), (f"/traders/{who}/coins", {"limit": 3}),
              (f"/traders/{who}/daily", {}), (f"/traders/{who}/daily", {"limit": 1}), (f"/traders/{who}/daily", {"from": MOMENT}),
              (f"/traders/{who}/episodes", {"limit": 31}), (f"/traders/{who}/episodes", {"coin": COINS[1], "limit": 5}),
              (f"/traders/{who}/episodes", {"from": MOMENT, "limit": 100})]
SINGLE = [f"/traders/{BUSY}", f"/traders/{QUIET}", path_of("assets", COINS[0]), path_of("assets", SPOT), "/clusters", "/clusters/map", "/clusters/map/net_pnl",
          f"/twaps?wallet={BUSY}&start=2026-05-01T00:00:00Z&end=2026-05-02T00:00:00Z", "/openapi.json", "/"]
PROBLEMS = ["/traders/0x" + "1" * 40, "/traders/0x" + "1" * 40 + "/fills", "/traders/xyz", path_of("assets", "NOSUCHCOIN"),
            path_of("assets", "NOSUCHCOIN", "daily"), "/traders?limit=x", "/traders?sort=nothing", f"/traders/{BUSY}/fills?cursor=abc",
            f"/traders/{BUSY}/fills?from=never", "/twaps/7", "/nothing", f"/traders/{BUSY}/fills?coin=%27%20OR%201%3D1%20--"]


def same(path, headers=None, **parameters):
    """Both answers, when status, type, validator and body are the same."""
    a, b = (server.ask(path, headers=headers, **parameters) for server in (EMBEDDED, POSTGRES))
    if (a.status, a.type, a.data) != (b.status, b.type, b.data):
        place = next((i for i, (x, y) in enumerate(zip(a.data, b.data)) if x != y), min(len(a.data), len(b.data)))
        check(False, f"{path} {parameters} {headers}: the same from both", f"{a.status} {b.status}, byte {place}:\n"
              f"embedded {a.data[max(0, place - 200):place + 200]!r}\npostgres {b.data[max(0, place - 200):place + 200]!r}")
        return None
    return a


def lists():
    pages = items = differing = 0
    for path, parameters in LISTS:
        cursor = {}
        while True:
            answer = same(path, **parameters, **cursor)
            pages += 1
            differing += answer is None
            if answer is None or answer.status != 200:
                check(answer is None, f"{path} {parameters}: 200", answer)
                break
            page = answer.json
            items += len(page["items"])
            if page.get("next_cursor") is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    equal(differing, 0, f"{len(LISTS)} lists, {pages} pages to their ends, {items} rows: the same bytes from both")
    check(items > 5000, "and that is not nothing")


def other_bodies():
    equal([path for path in SINGLE if getattr(same(path), "status", 0) != 200], [], f"{len(SINGLE)} single answers: the same bytes")
    equal([path for path in PROBLEMS if getattr(same(path), "status", 200) == 200 and "coin=" not in path], [],
          f"{len(PROBLEMS)} wrong questions: the same problem documents")
    tables = [(path, parameters) for path, parameters in LISTS if path not in ("/alerts",) and "signals" not in path]
    texts = [same(path, {"Accept": "text/csv"}, **parameters) for path, parameters in tables]
    equal([t.type for t in texts if t], ["text/csv"] * len(tables), f"{len(tables)} CSV files: the same bytes")
    zipped = [server.ask("/traders", headers={"Accept-Encoding": "gzip"}) for server in (EMBEDDED, POSTGRES)]
    check(all(z.headers.get("content-encoding") == "gzip" for z in zipped) and zipped[0].data == zipped[1].data, "gzip, too")
    # The version says which publication an answer rests on: a number of the lake's there, of the database's loads here.
    a, b = (server.get("/coverage") for server in (EMBEDDED, POSTGRES))
    check(a.pop("version") != "0" * 16 and b.pop("version") != "0" * 16 and a == b, f"/coverage but for the version: {json.dumps(a)}")
    a, b = (server.get("/healthz")["coverage"] for server in (EMBEDDED, POSTGRES))
    equal(a, b, "/healthz tells the same coverage")
    cursor = EMBEDDED.get(f"/traders/{BUSY}/fills", limit=5)["next_cursor"]
    equal(POSTGRES.get(f"/traders/{BUSY}/fills", limit=5, cursor=cursor), EMBEDDED.get(f"/traders/{BUSY}/fills", limit=5, cursor=cursor),
          "a cursor of one goes on in the other")


# --- the database in trouble ----------------------------------------------------------------------------------------

FILLS = f"/traders/{BUSY}/fills?limit=10"


def until(what, holds, seconds=30):
    begin = time.monotonic()
    while not holds():
        if time.monotonic() - begin > seconds:
            return check(False, f"{what}, within {seconds} s")
        time.sleep(0.1)
    return check(True, f"{what} (after {time.monotonic() - begin:.1f} s)")


def queries_on_server():
    """Statements of the API that run or wait on the server, or hold a transaction open."""
    return int(DATABASE.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vigil' AND state <> 'idle'"))


def gone_and_back():
    expected = EMBEDDED.ask(FILLS).body
    for stop, how in ((DATABASE.kill, "killed"), (DATABASE.shut_down, "shut down")):
        stop()
        answer = POSTGRES.ask(FILLS)
        check(is_problem(answer, 503) and int(answer.headers["retry-after"]) > 0, f"the database is {how}: fills are a 503 with Retry-After", answer)
        check(b"127.0.0.1" not in answer.body and b"vigil@" not in answer.body, "which does not tell where the database is", answer)
        equal(POSTGRES.ask(f"/traders/{BUSY}").body, EMBEDDED.ask(f"/traders/{BUSY}").body, "what the snapshot has is served")
        until("/healthz is a 503", lambda: is_problem(POSTGRES.ask("/healthz"), 503))
        equal(POSTGRES.metric("vigil_store_up"), 0, "/metrics says so")
        DATABASE.restart()
        until("it is back, fills are the same as before", lambda: POSTGRES.ask(FILLS).body == expected)
        until("/healthz is 200", lambda: POSTGRES.ask("/healthz").status == 200)
    check(any("connection" in line for line in POSTGRES.said), "stderr tells why", POSTGRES.said)
    DATABASE.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vigil'")
    equal(POSTGRES.ask(FILLS).body, expected, "connections that were cut while idle are made anew, unseen")


def under_load():
    """Killed and restarted while clients ask: 200 and right, or 503, nothing else."""
    expected = EMBEDDED.ask(FILLS).body
    found, end = [], time.monotonic() + 6

    def ask():
        while time.monotonic() < end:
            answer = POSTGRES.ask(FILLS)
            found.append((answer.status, answer.status != 200 or answer.body == expected))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(1)
        DATABASE.kill()
        time.sleep(0.5)
        DATABASE.restart()
    for thread in threads:
        thread.join()
    statuses = {status: sum(s == status for s, _ in found) for status in {s for s, _ in found}}
    check(set(statuses) == {200, 503} and all(right for _, right in found), f"killed twice under load: {statuses}")
    until("afterwards it answers", lambda: POSTGRES.ask(FILLS).body == expected)


def slow():
    """A table that somebody has locked is a slow database."""
    locker = subprocess.Popen(["/usr/lib/postgresql/15/bin/psql", "-X", "-q", DATABASE.url], stdin=subprocess.PIPE, text=True)
    at_end(locker.kill)
    locker.stdin.write("BEGIN; LOCK TABLE vigil_lake.episodes IN ACCESS EXCLUSIVE MODE;\n")
    locker.stdin.flush()
    until("episodes are locked", lambda: DATABASE.psql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = "
                                                       "'vigil_lake.episodes'::regclass AND granted") == "1")
    begin = time.monotonic()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(POSTGRES.ask(f"/traders/{BUSY}/episodes"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    until("they wait on the server", lambda: queries_on_server() == 3, 8)
    equal(POSTGRES.ask(FILLS).status, 200, "others are answered meanwhile")
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    check(all(is_problem(a, 504) for a in answers) and 9 < seconds < 15, f"after 10 s each is a 504 ({seconds:.1f} s)", answers[0])
    until("nothing of them is left on the server", lambda: queries_on_server() == 0, 3)
    # A client that goes away is not noticed while its question waits, but the time limit is.
    connection = POSTGRES.connect()
    connection.request("GET", f"/traders/{BUSY}/episodes")
    until("another waits on the server", lambda: queries_on_server() == 1, 8)
    connection.close()
    until("the client is gone, and soon so is its question", lambda: queries_on_server() == 0, 12)
    # So does the end of the server.
    other = Server(TMP / "there-is-no-lake", env=environment(DATABASE_URL=DATABASE.url))
    asking = threading.Thread(target=lambda: other.ask(f"/traders/{BUSY}/episodes"), daemon=True)
    asking.start()
    until("a question waits", lambda: queries_on_server() == 1, 8)
    code, seconds = other.stop()
    check(code == 0 and seconds < 12, f"told to end, it ends ({seconds:.1f} s)")
    until("and leaves nothing behind", lambda: queries_on_server() == 0, 3)
    locker.stdin.write("ROLLBACK;\n")
    locker.stdin.close()
    locker.wait(20)
    equal(POSTGRES.ask(f"/traders/{BUSY}/episodes").body, EMBEDDED.ask(f"/traders/{BUSY}/episodes").body, "unlocked, they are answered")


def frozen():
    """Connected, and nobody answers: no question may wait for ever."""
    processes = [int(pid) for pid in DATABASE.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'vigil'").split()]
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    answer = POSTGRES.ask(FILLS)
    seconds = time.monotonic() - begin
    for pid in processes:
        os.kill(pid, signal.SIGCONT)
    check(answer.status in (200, 504) and seconds < 15, f"frozen: {answer.status} after {seconds:.1f} s")
    until("it goes on, and so do answers", lambda: POSTGRES.ask(FILLS).body == EMBEDDED.ask(FILLS).body)


def without_a_database():
    """Started before its database, or before its tables."""
    DATABASE.psql("CREATE DATABASE later")
    url = DATABASE.url.rsplit("/", 1)[0] + "/later"
    server = Server(TMP / "there-is-no-lake", "--database", url)
    for where in ("/healthz", "/traders", f"/traders/{BUSY}", FILLS):
        check(is_problem(server.ask(where), 503), f"no tables yet: {where.partition('?')[0]} is a 503")
    check(any("vigil load" in line for line in server.said), "stderr says what to do", server.said)
    vigil("load", "--source", LAKE, env=environment(DATABASE_URL=url))
    until("tables that come are served", lambda: server.ask("/healthz").status == 200)
    equal(server.ask(FILLS).body, EMBEDDED.ask(FILLS).body, "and they are the same")
    result = vigil("serve", "--database", url.replace("vigil@", "vigil:geheim@"), code=2)
    check(b"no place for a password" in result.stderr and b"geheim" not in result.stderr, "a password on the command line is refused")
    # A load publishes while clients ask: never an error, never a mixture.
    found, over = [], threading.Event()

    def ask():
        while not over.is_set():
            found.append(server.ask(f"/traders/{BUSY}/daily").status)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(3):
        server_side = "UPDATE vigil_lake.loaded_files SET sha256 = repeat('0', 64)"  # all is loaded again
        subprocess.run(["/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-c", server_side, url], check=True)
        vigil("load", "--source", LAKE, env=environment(DATABASE_URL=url))
    over.set()
    for thread in threads:
        thread.join()
    equal(set(found), {200}, f"loads under load: {len(found)} answers")


def no_numbers():
    """What is no number, and was put there by somebody else, is null."""
    DATABASE.psql(f"UPDATE vigil_lake.episodes SET entry_vwap = 'NaN', exit_vwap = '-Infinity' WHERE user_address = '{BUSY}'")
    rows = POSTGRES.get(f"/traders/{BUSY}/episodes")["items"]
    equal({(row["entry_vwap"], row["exit_vwap"]) for row in rows}, {(None, None)}, f"{len(rows)} episodes without a price")


for part in (lists, other_bodies, gone_and_back, under_load, slow, frozen, without_a_database, no_numbers):
    print(f"# {part.__name__.replace('_', ' ')}")
    part()
for server in (EMBEDDED, POSTGRES):
    equal(server.metric("vigil_http_requests_total", status="500"), 0, "nothing was a fault of the server")
    equal(server.stop()[0], 0, "it ends with 0")
complaints = [line for server in Server.all for line in server.said if "Sanitizer" in line or "runtime error" in line]
check(not complaints, "no sanitizer complains", "".join(complaints)[:2000])
finish()
