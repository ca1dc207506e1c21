"""A proxy before any HTTP server that does what networks and overloaded servers do, as a test tells it to.

    proxy = start(FaultyProxy(s3.http, seed=7))
    proxy.add(answer(503, "SlowDown"), share=0.3)                       # three requests in ten
    proxy.add(cut(), method="GET", path=r"\\.lz4$", first=2)             # each object's first two GETs
    proxy.add(call(lambda request: replace("20251101/7.lz4")), method="GET", path="/7.lz4$", first=1)

Rules are asked in the order they were added; the first that ends the exchange is the last. Whether one strikes depends
on the seed, the request's path and how often it came, not on how requests of several threads interleave. Host passes
through, so signatures stay valid.

By hand: python3 -B tests/services/faulty.py http://127.0.0.1:9000 0.3    answers 503 to three requests in ten
"""

import collections
import http.client
import http.server
import random
import re
import ssl
import sys
import threading
import urllib.parse

import fixture

PIECE = 65536
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te", "trailer", "upgrade"}

Request = collections.namedtuple("Request", "method path query headers outcome")
Rule = collections.namedtuple("Rule", "fault method path share first")

# Faults: functions of an exchange that return whether they ended it.


def answer(status, code="InternalError"):
    """Answers in the server's place, with S3's error document."""
    return lambda exchange: exchange.refuse(status, code)


def delay(seconds):
    """Waits before the request goes on."""
    return lambda exchange: exchange.pause(seconds)


def call(hook):
    """Calls hook(request) before the request goes on."""
    def fault(exchange):
        hook(exchange.record())
    return fault


def reset():
    """Resets the connection (RST) instead of answering; the server never sees the request."""
    return lambda exchange: exchange.end("reset")


def hang(seconds):
    """Is silent for so long, then closes the connection without an answer."""
    return lambda exchange: exchange.pause(seconds) or exchange.end("hang")


def cut(after=None):
    """Resets the connection (RST) after so many bytes of the body; a random number of them when None."""
    return lambda exchange: exchange.forward("cut", after)


def stall(seconds, after=None):
    """Goes silent after so many bytes of the body (random when None), for so long, then closes the connection."""
    return lambda exchange: exchange.forward("stall", after, seconds=seconds)


def truncate(after=None, honest=False):
    """Ends the body after so many bytes (random when None) and closes the connection in order. `honest`: Content-Length
    is what was sent, so that the body looks whole; else it is the server's, and too large."""
    return lambda exchange: exchange.forward("truncate", after, honest=honest)


class FaultyProxy(fixture.Fixture):
    """url: where clients connect. requests: how often each (method, path) came, the path decoded, without the query.
    seen: the last 100,000 requests in full; outcome is the status that was sent, or what was done instead."""

    name = "faulty"

    def __init__(self, upstream, seed=1, ca_file=None):
        super().__init__()
        self.upstream = urllib.parse.urlsplit(upstream)
        self.seed = seed
        self.ca_file = ca_file
        self.requests = collections.Counter()
        self.seen = collections.deque(maxlen=100000)
        self._rules = []
        self._lock = threading.Lock()
        self.stopping = threading.Event()

    def add(self, fault, method=None, path="", share=1.0, first=None):
        """From now on `fault` strikes a `share` of the requests with this method whose decoded path `path`, a regular
        expression, is found in; only the `first` so many of each method and path."""
        with self._lock:
            self._rules.append(Rule(fault, method, re.compile(path), share, first))

    def clear(self):
        """No faults any more; the counts begin anew."""
        with self._lock:
            self._rules.clear()
            self.requests.clear()
            self.seen.clear()

    def count(self, method=None, path=""):
        """How many requests with this method came whose path matches."""
        with self._lock:
            return sum(n for (m, p), n in self.requests.items() if method in (None, m) and re.search(path, p))

    def faults(self, method, path):
        """Counts the request; returns the faults that strike it, each with its random numbers."""
        with self._lock:
            self.requests[method, path] += 1
            rules, nth = list(self._rules), self.requests[method, path]
        for number, rule in enumerate(rules):
            chance = random.Random(f"{self.seed} {number} {method} {path} {nth}")
            if (rule.method in (None, method) and rule.path.search(path) and (rule.first is None or nth <= rule.first)
                    and chance.random() < rule.share):
                yield rule.fault, chance

    def note(self, request):
        with self._lock:
            self.seen.append(request)
            self._log.write(f"{request.method} {request.path}?{request.query} {request.outcome}\n")

    def connect(self):
        """A connection to the server behind."""
        if self.upstream.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca_file)
            return http.client.HTTPSConnection(self.upstream.netloc, context=context, timeout=300)
        return http.client.HTTPConnection(self.upstream.netloc, timeout=300)

    def _start(self):
        self._log = open(self.folder / "log/requests.log", "w", buffering=1, encoding="utf-8", errors="replace")
        self._server = Server(("127.0.0.1", 0), Exchange)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self, keep=False):
        self.stopping.set()
        if self.folder:
            self._server.shutdown()
            self._server.server_close()
        super().stop(keep)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients that leave are what this proxy is for; anything else is a mistake of ours, and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Exchange(http.server.BaseHTTPRequestHandler):
    """One connection; one request after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 300

    def handle_exchange(self):
        self.target = self.requestline.split(" ")[1]  # self.path lacks a second leading slash
        path, _, self.query = self.target.partition("?")
        self.decoded = urllib.parse.unquote(path)
        self.content = self._content()
        for fault, chance in self.server.proxy.faults(self.command, self.decoded):
            self.chance = chance
            if fault(self):
                return
        self.forward()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = handle_exchange

    def log_message(self, *_):
        pass

    def record(self, outcome=None):
        return Request(self.command, self.decoded, self.query, self.headers, outcome)

    def pause(self, seconds):
        """Waits; a proxy that stops does not. False: the exchange goes on."""
        self.server.proxy.stopping.wait(seconds)
        return False

    def end(self, outcome):
        """Ends the exchange without an answer."""
        self.server.proxy.note(self.record(outcome))
        self._drop(outcome)
        return True

    def _drop(self, outcome):
        """Drops the connection: with RST for "reset" and "cut", else in order."""
        self.close_connection = True
        if outcome in ("reset", "cut"):
            fixture.deliver(self.connection)
            fixture.reset_on_close(self.connection)
            self.connection.close()
            # The file objects hold the socket open; without them close() sends the RST now.
            self.rfile.close()

    def refuse(self, status, code):
        body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self.server.proxy.note(self.record(status))
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def forward(self, outcome=None, after=None, honest=False, seconds=0):
        """Lets the server answer, and passes that on: whole, or up to where `outcome` sets in."""
        upstream = self.server.proxy.connect()
        try:
            self._relay(self._ask(upstream), outcome, after, honest, seconds)
        finally:
            upstream.close()
        return True

    def _content(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunk(self):
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _ask(self, upstream):
        upstream.putrequest(self.command, self.target, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP | {"content-length", "expect"}:
                upstream.putheader(name, value)
        if self.content or "Content-Length" in self.headers:
            upstream.putheader("Content-Length", str(len(self.content)))
        upstream.endheaders(self.content or None)
        return upstream.getresponse()

    def _relay(self, found, outcome, after, honest, seconds):
        """A body of unknown length is read whole first, so that all have a length."""
        body = found if found.length is not None else None
        whole = b"" if body else found.read()
        length = found.length if body else len(whole)
        limit = length
        if outcome:
            limit = self.chance.randrange(max(length, 1)) if after is None else min(length, after)
        # Before the client has it all: a test may look at once.
        self.server.proxy.note(self.record(outcome or found.status))
        self.send_response_only(found.status, found.reason)
        for name, value in found.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        if self.command == "HEAD":
            self.send_header("Content-Length", found.headers.get("Content-Length", "0"))
        elif found.status not in (204, 304):
            self.send_header("Content-Length", str(limit if honest else length))
        self.end_headers()
        while limit > 0:
            piece = body.read(min(limit, PIECE)) if body else whole[:limit]
            if not piece:
                raise ConnectionError("the server behind ended its answer early")
            self.wfile.write(piece)
            limit -= len(piece)
        if outcome:
            self.pause(seconds)
            self._drop(outcome)


def describe(proxy):
    return f"""Proxy before {proxy.upstream.geturl()}: {proxy.url}; log {proxy.folder}/log"""


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: faulty.py URL SHARE    answers 503 SlowDown to a share (0 to 1) of the requests")
    by_hand = FaultyProxy(sys.argv[1])
    by_hand.add(answer(503, "SlowDown"), share=float(sys.argv[2]))
    fixture.serve_by_hand(by_hand, describe)
