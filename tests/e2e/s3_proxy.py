"""A proxy in front of an S3 server that does what a test says to single requests. The Host header passes through, so
signatures stay valid."""

import http.client
import http.server
import threading
import time


class Proxy(http.server.ThreadingHTTPServer):
    """`rule` is called with each Request and returns None (pass it on) or one of the functions below."""

    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target.split("://")[1]
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        self.reset(lambda request: None)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self, rule):
        self.rule = rule
        self.requests = []

    def handle_error(self, *_):
        pass


class Request:
    def __init__(self, handler, number):
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        self.number = number  # of all since reset, from 0


# What can be done to a request. Each takes the handler and a function that passes the request on.

def answer(status, body=b"", **headers):
    def act(handler, forward):
        handler.reply(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)
    return act


def error(status, code, **headers):
    return answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>injected</Message></Error>".encode(), **headers)


def changed(change):
    """change(status, headers, body) -> the same three, sent instead."""
    def act(handler, forward):
        handler.reply(*change(*forward()))
    return act


def cut(after, stall=0, drip=0):
    """Ends the connection `after` so many bytes of the body; before that nothing happens for `stall` seconds, or ten
    bytes come every `drip` seconds for five seconds."""
    def act(handler, forward):
        status, headers, body = forward()
        handler.head(status, headers, len(body))
        handler.wfile.write(body[:after])
        until, at = time.monotonic() + 5, after
        while drip and time.monotonic() < until:
            time.sleep(drip)
            handler.wfile.write(body[at:at + 10])
            at += 10
        time.sleep(stall)
        handler.close_connection = True
    return act


def lost(handler, forward):
    """The request is done, but nobody hears of it."""
    forward()
    handler.close_connection = True


def dropped(handler, forward):
    """The connection ends without any answer."""
    handler.close_connection = True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def head(self, status, headers, length):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(headers.get("Content-Length", length)))
        self.end_headers()

    def reply(self, status, headers, body):
        self.head(status, headers, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def forward(self):
        connection = http.client.HTTPConnection(self.server.target, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "expect":
                connection.putheader(name, value)
        connection.endheaders(self.body)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        headers = dict(response.getheaders())
        if self.command != "HEAD":
            headers.pop("Content-Length", None)
        return response.status, headers, body

    def handle_one(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            request = Request(self, len(self.server.requests))
            self.server.requests.append(request)
        act = self.server.rule(request)
        if act:
            act(self, self.forward)
        else:
            self.reply(*self.forward())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

    def log_message(self, *_):
        pass
