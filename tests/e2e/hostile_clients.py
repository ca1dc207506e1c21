#!/usr/bin/env -S python3 -B
"""Clients that mean no good, or cannot do better: wrong addresses, coins, cursors, encodings, methods, headers; SQL in every
parameter; long URLs; slow and half-open connections; thousands of idle ones; wrong keys. Every answer has the right status
and says why; nothing is a fault of the server, and it goes on answering."""

import base64
import hashlib
import json
import os
import pathlib
import random
import resource
import socket
import threading
import time
from urllib.parse import quote

from api_client import Answer, Server, is_problem
from e2e import TMP, check, environment, equal, finish, simulate, sql, vigil

MARKET = simulate("market", 20000, traders=60, seed=5)
LAKE = TMP / "lake"
vigil("fetch", MARKET, "--lake", LAKE, "--quiet")
vigil("features", "--lake", LAKE, "--quiet")
vigil("classify", "--lake", LAKE)
LOG = TMP / "access.log"
# Memory is measured below: meson's MALLOC_PERTURB_ would touch what is only reserved.
SERVER = Server(LAKE, "--access-log", LOG, env={k: v for k, v in environment().items() if k != "MALLOC_PERTURB_"})
ADDRESS = sql(LAKE, "SELECT user_address FROM traders ORDER BY fill_count DESC LIMIT 1")[0][0]
API = SERVER.get("/openapi.json")
SQL = ("'", "' OR '1'='1", "'; DROP TABLE traders; --", "\" OR 1=1 --", "1 UNION SELECT 1", "*", "%", "_", "$1", "\\'", ") OR (1=1",
       "volume; DELETE FROM fills", "0x' || user_address || '", "(SELECT 1)", "NULL", "1e400", "NaN", "-0", "0x1F", "١٢", "true",
       "/etc/passwd", "../../../../etc/passwd", "read_parquet('/etc/passwd')", "<script>alert(1)</script>", "${jndi:ldap://x}", "\U0001f4a5",
       "a" * 1000)


def refused(answer, what, status=(400, 404)):
    return check(answer.status in status and is_problem(answer, answer.status), what, answer)


def status_of(data):
    """The status of the first answer in raw bytes; 0: none."""
    return int(data.split()[1]) if data.startswith(b"HTTP/1.1 ") else 0


def every_parameter():
    """Each parameter of each operation, with everything that could be SQL, a path or markup."""
    asked = 0
    bad = []
    for template, item in API["paths"].items():
        if template == "/stream":
            continue
        for parameter in item["get"]["parameters"]:
            for text in SQL:
                path = template.replace("{address}", ADDRESS).replace("{coin}", "BTC").replace("{twap_id}", "1")
                if parameter["in"] == "path":
                    path = template.replace("{" + parameter["name"] + "}", quote(text, safe=""))
                    url = path
                else:
                    url = path + f"?{parameter['name']}={quote(text, safe='')}"
                answer = SERVER.ask(url)
                asked += 1
                # Some are names that a coin might have: there are no rows of it.
                nothing = parameter["name"] == "coin" and answer.status == 200 and answer.json["items"] == []
                # And some are what the parameter is for.
                meant = text in parameter["schema"].get("enum", ()) or (parameter["name"], text) == ("prefix", "0x1F")
                if not (nothing or meant and answer.status == 200) and not (answer.status in (400, 404) and is_problem(answer, answer.status)):
                    bad.append(f"{url}: {answer}")
    check(not bad, f"{asked} questions with SQL, paths and markup as values: each refused with its problem", "\n".join(bad[:5]))
    for text in SQL:
        name = quote(text, safe="")
        refused(SERVER.ask(f"/traders?{name}=1"), f"as a name: {text[:30]!r}", (400,))


def paths_and_encodings():
    for path in ("/traders/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "/traders/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                 "/docs/../../etc/passwd", "//etc/passwd", "/traders//fills", "/api", "/api/v2/traders", "/Traders",
                 "/traders/%00", "/traders/%", "/traders/%zz", "/traders/%ff%fe", "/traders/%c0%ae", "/assets/%0d%0aSet-Cookie:a=b",
                 "/assets/%e2%82", "/a/b/c/d/e/f/g/h/i/j", "/index.html", "/.git/config", "/traders?cursor=%00", "/traders?limit=%31%30%00",
                 "/traders?%ff=1", "/traders?limit=1%0a", "/traders;limit=1", "/openapi.json//", "/traders/%252e%252e"):
        answer = SERVER.ask(path)
        check(answer.status in (400, 404) and is_problem(answer, answer.status) and "set-cookie" not in answer.headers, f"GET {path}", answer)
    equal(SERVER.ask("/traders?&&limit=1&").status, 200, "empty pairs harm nobody")
    equal(SERVER.ask("/%74raders?%6cimit=%31").status, 200, "what need not be encoded may be")
    equal(SERVER.ask("http://elsewhere.example/traders?limit=1").status, 200, "a whole URL as target is allowed (RFC 9112)")
    refused(SERVER.ask("/traders?" + "&".join(f"p{i}=1" for i in range(40))), "40 parameters", (400,))


def cursors():
    good = SERVER.get("/traders", limit=3)["next_cursor"]
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    seeded = random.Random(1)
    made = [good[:-1], good + "A", good + "=", good[:-1] + "~", "A" * 2000, base64.urlsafe_b64encode(raw[:9]).decode().rstrip("="),
            base64.urlsafe_b64encode(raw + b"\0").decode().rstrip("="), base64.urlsafe_b64encode(b"\x02" + raw[1:]).decode().rstrip("=")]
    for i in range(len(raw)):
        changed = bytearray(raw)
        changed[i] ^= 1 << seeded.randrange(8)
        made.append(base64.urlsafe_b64encode(changed).decode().rstrip("="))
    statuses = [SERVER.ask("/traders", limit=3, cursor=c).status for c in made]
    check(set(statuses[:8]) == {400}, "cut, lengthened and foreign cursors are refused", statuses[:8])
    check(set(statuses) <= {200, 400} and statuses.count(400) >= 17, f"{len(made)} changed cursors: refused, or another place in the same list",
          statuses)
    for path in (f"/traders/{ADDRESS}/fills", f"/traders/{ADDRESS}/episodes", "/assets"):
        one = SERVER.get(path, limit=2)["next_cursor"]
        raw = bytearray(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))
        for i in range(9, len(raw)):
            changed = bytes(raw[:i]) + bytes([raw[i] ^ 0xff]) + bytes(raw[i + 1:])
            text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
            answer = SERVER.ask(path, limit=2, cursor=text)
            if not (answer.status == 200 or is_problem(answer, 400)):
                check(False, f"{path}: a cursor with byte {i} changed", answer)
        check(True, f"{path}: cursors with any byte changed are refused, or a place")


def methods_and_headers():
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 200):
        answer = SERVER.raw(f"{method} /traders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        equal(status_of(answer), 405, f"{method[:20]}: 405")
    for head, what, statuses in (
            (b"GET /traders?limit=1 HTTP/1.1\r\n\r\n", "no Host", (400,)),
            (b"GET /traders HTTP/9.9\r\nHost: x\r\n\r\n", "another version", (400, 505)),
            (b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", "no target", (400, 404)),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200), "TLS", (0, 400)),
            (os.urandom(3000), "noise", (0, 400)),
            (b"GET /traders HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "a negative length", (400,)),
            (b"GET /traders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "an absurd length", (400, 413)),
            (b"GET /traders HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 20000 + b"\r\n", "20,000 headers", (431, 0)),
            (b"GET /traders HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 1000000 + b"\r\n\r\n", "a header of 1 MB", (431, 0)),
            (b"GET /traders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "a broken chunk", (400, 0))):
        answer = SERVER.raw(head, half=True)
        check(status_of(answer) in statuses, f"{what}: {statuses}", answer[:300])
    for name, value in (("Accept", "text/csv;q=zzz, */*;q=9999999999, ;;;,,,"), ("Accept", "," * 5000), ("Accept-Encoding", "gzip;q=" + "9" * 3000),
                        ("If-None-Match", '"' * 5000), ("If-None-Match", "W/" * 2000), ("Last-Event-ID", "9" * 3000), ("Origin", "\xff\xfe"),
                        ("Authorization", "Bearer " + "x" * 8000), ("Range", "bytes=0-1,2-3"), ("Cookie", "a" * 8000),
                        ("X-Forwarded-For", "127.0.0.1"), ("Content-Type", "application/json")):
        answer = SERVER.ask("/traders?limit=1", headers={name: value})
        equal(answer.status, 200, f"{name}: {value[:24]!r}… does no harm")
    answer = SERVER.ask("/traders", body=b"x" * 70000)
    refused(answer, "a body of 70 kB that nobody wants", (413,))
    equal(SERVER.ask("/traders?limit=1", body=b"x" * 1000).status, 200, "a small one is read and forgotten")
    pipelined = SERVER.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    equal(pipelined.count(b"HTTP/1.1 200"), 51, "51 requests in one go get 51 answers")
    two = SERVER.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                     b"GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    check(two.count(b"HTTP/1.1") <= 2, "two ways to end a body are not read as more requests", two[:500])


def long_urls():
    for n, statuses in ((2100, (414,)), (7000, (414,)), (30000, (414,)), (1000000, (414,))):
        for url in ("/" + "a" * n, "/traders?cursor=" + "a" * n, "/traders/" + "%41" * (n // 3)):
            if n == 2100 and "?" in url:
                continue  # a query may have 6 KiB
            answer = SERVER.raw(f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), half=True)
            check(status_of(answer) in statuses, f"a URL of {len(url)} bytes: 414", answer[:200])
    answer = SERVER.ask("/" + "a" * 3000)
    check(is_problem(answer, 414), "beyond our limit it is a problem document", answer)
    refused(SERVER.ask("/traders?cursor=" + "A" * 5000), "a cursor of 5 kB", (400,))


def keys():
    """Wrong keys; the time that they take does not depend on how wrong they are (many rounds, medians)."""
    secret = "vk-0123456789abcdef0123456789abcdef"
    file = TMP / "keys"
    file.write_text("".join(f"k{i} {hashlib.sha256(os.urandom(8)).hexdigest()}\n" for i in range(50)) +
                    f"me {hashlib.sha256(secret.encode()).hexdigest()}\n")
    server = Server(LAKE, "--api-keys", file)
    for key in ("", " ", secret[:-1], secret + " x", secret.upper(), "'", "\xe9", "A" * 8000, hashlib.sha256(secret.encode()).hexdigest()):
        for headers in ({"X-API-Key": key}, {"Authorization": "Bearer " + key}):
            answer = server.ask("/coverage", headers=headers)
            check(is_problem(answer, 401) and (len(key) < 8 or key not in json.dumps(answer.json)), f"key {key[:12]!r}…: 401", answer)
    refused(server.ask("/coverage?api_key=" + secret), "a key in the URL", (401,))
    equal(server.ask("/coverage", headers={"X-API-Key": secret}).status, 200, "the right one opens")
    for path in ("/nothing", "/traders/1", "/traders?x=1"):
        check(server.ask(path).status in (401, 404), f"{path} without a key tells nothing about data")
    server.stop()


def slow_and_half_open():
    """Bytes that come one by one, requests that never end, answers that nobody reads, peers that vanish."""
    before = SERVER.metric("vigil_http_connections_cut_total")
    slow = []
    for data in (b"", b"GET", b"GET /traders HTTP/1.1\r\n", b"GET /traders HTTP/1.1\r\nHost: x\r\nX-A: ",
                 b"GET /traders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"):
        for _ in range(20):
            s = socket.create_connection(("127.0.0.1", SERVER.port))
            s.sendall(data)
            slow.append((s, data))
    unread = []
    for _ in range(10):  # answers of megabytes that nobody takes
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.connect(("127.0.0.1", SERVER.port))
        s.sendall(f"GET /traders/{ADDRESS}/fills?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 3)
        unread.append(s)
    gone = []
    for _ in range(50):  # a reset in the middle
        s = socket.create_connection(("127.0.0.1", SERVER.port))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        s.sendall(f"GET /traders/{ADDRESS}/fills?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        s.close()
        gone.append(s)
    done = threading.Event()

    def drip():  # a byte now and then does not help: what counts is the whole
        while not done.wait(1):
            for s, data in slow:
                try:
                    if data.endswith(b"X-A: "):
                        s.sendall(b"a")
                except OSError:
                    pass

    thread = threading.Thread(target=drip)
    thread.start()
    begun = [s for s, data in slow if b"HTTP/1.1\r\n" in data and b"\r\nHost" in data or data.endswith(b"HTTP/1.1\r\n")]
    closed = 0
    for s in begun:  # those have begun a request: 10 s
        s.settimeout(30)
        try:
            while s.recv(65536):
                pass
            closed += 1
        except (ConnectionError, socket.timeout) as error:
            closed += not isinstance(error, socket.timeout)
    done.set()
    thread.join()
    equal(closed, len(begun), f"{len(begun)} requests that do not end are cut off, dripping or not")
    check(SERVER.metric("vigil_http_connections_cut_total") - before >= len(begun), "and counted")
    equal(SERVER.ask("/traders?limit=5").status, 200, "others are answered all the while")
    for s in [s for s, _ in slow] + unread:
        s.close()


def thousands_of_idle_ones():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n = min(5000, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, n + 500)), hard))
    status = lambda: dict(line.split(":\t") for line in pathlib.Path(f"/proc/{SERVER.process.pid}/status").read_text().splitlines() if ":\t" in line)
    before = int(status()["VmRSS"].split()[0])
    idle = []
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", SERVER.port), timeout=20)
        idle.append(s)
    for _ in range(200):
        if SERVER.metric("vigil_http_connections") > n:
            break
        time.sleep(0.05)
    check(SERVER.metric("vigil_http_connections") > n, f"{n} connections are open and say nothing")
    equal([SERVER.ask(p).status for p in ("/traders?limit=1", f"/traders/{ADDRESS}", f"/traders/{ADDRESS}/fills", "/healthz")], [200] * 4,
          "others are answered")
    grown = (int(status()["VmRSS"].split()[0]) - before) / n
    check(grown < 24 or "asan" in SERVER.process.args[0], f"each costs little memory", f"{grown:.1f} KiB")
    for s in idle[::2]:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    check(all(s.recv(15) == b"HTTP/1.1 200 OK" for s in idle[::2]), "and may go on to ask")
    for s in idle:
        s.close()


def the_log_stays_a_log():
    SERVER.ask("/assets/%0a2026-01-01T00:00:00.000Z%201.1.1.1%20GET%20/forged%20200")
    SERVER.raw(b"GET /\x1b[31mred HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    lines = LOG.read_bytes().splitlines()
    check(all(line.count(b" ") in (6, 7) and line.isascii() and b"\x1b" not in line for line in lines), f"{len(lines)} lines, none of them forged")
    equal([line for line in lines if line.split()[5][:1] == b"5"], [], "no answer was a fault of the server")


for part in (every_parameter, paths_and_encodings, cursors, methods_and_headers, long_urls, keys, slow_and_half_open,
             thousands_of_idle_ones, the_log_stays_a_log):
    part()
equal([SERVER.metric("vigil_http_requests_total", status=s) for s in ("500", "503", "504")], [0, 0, 0], "and none says so in the figures")
code, _ = SERVER.stop()
equal(code, 0, "the server ends with 0")
check(not any("Sanitizer" in line or "runtime error" in line for line in SERVER.said), "and no sanitizer complains", "".join(SERVER.said)[-2000:])
finish()
