"""A proxy that breaks things: it stands between a client and an HTTP server and does to requests what its rules say.

    with Faulty(s3.http) as faulty:
        faulty.rules.append(status(503, share=0.1))
        ... faulty.url ...

A rule is a function rule(request) that returns None (not mine) or an action(request, ask), where ask(request) gives the
server's answer. Rules are asked in order. The Host header goes through as the client sent it, so signatures hold.
"""

import http.client
import http.server
import random
import re
import threading
import time
import urllib.parse

SLOW_DOWN = ('<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
             "<Message>Please reduce your request rate.</Message></Error>")


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Cut(Exception):
    """The connection ends here."""


def _matches(request, method, path):
    return (method is None or request.method == method) and (path is None or re.search(path, request.path))


def status(code, share=1.0, times=None, method=None, path=None, body=SLOW_DOWN, headers=(), seed=1):
    """Answers itself, instead of the server: a share of the requests, or the first so many."""
    chance, left, lock = random.Random(seed), [times], threading.Lock()

    def rule(request):
        if not _matches(request, method, path):
            return None
        with lock:
            if left[0] == 0 or chance.random() >= share:
                return None
            if left[0] is not None:
                left[0] -= 1
        return lambda request, ask: (code, list(headers), body.encode(), None)
    return rule


def cut(after, share=1.0, times=None, method="GET", path=None, seed=1):
    """Ends the connection after so many bytes of the body (a number, or a function of the length and a Random)."""
    return _body(lambda answer, chance: (answer.body, after(len(answer.body), chance) if callable(after) else after),
                 share, times, method, path, seed)


def truncate(keep, times=None, method="GET", path=None):
    """Leaves the rest of the body away, and says a Content-Length that fits what is left."""
    return _body(lambda answer, chance: (answer.body[:keep], None), 1.0, times, method, path, 1)


def stall(seconds, after=0, times=None, method="GET", path=None):
    """Sends so many bytes of the body, then nothing for long."""
    left, lock = [times], threading.Lock()

    def rule(request):
        if not _matches(request, method, path):
            return None
        with lock:
            if left[0] == 0:
                return None
            if left[0] is not None:
                left[0] -= 1

        def action(request, ask):
            answer = ask(request)
            return answer.status, answer.headers, answer.body, (after, seconds)
        return action
    return rule


def before(hook, times=1, method="GET", path=None):
    """Calls hook(request) before the request goes on as if nothing was."""
    left, lock = [times], threading.Lock()

    def rule(request):
        if _matches(request, method, path):
            with lock:
                if left[0] == 0:
                    return None
                left[0] -= 1
            hook(request)
        return None
    return rule


def _body(change, share, times, method, path, seed):
    chance, left, lock = random.Random(seed), [times], threading.Lock()

    def rule(request):
        if not _matches(request, method, path):
            return None
        with lock:
            if left[0] == 0 or chance.random() >= share:
                return None
            if left[0] is not None:
                left[0] -= 1

        def action(request, ask):
            answer = ask(request)
            if answer.status >= 300:
                return answer.status, answer.headers, answer.body, None
            with lock:
                body, end = change(answer, chance)
            return answer.status, answer.headers, body, None if end is None else (end, None)
        return action
    return rule


# Headers that concern one connection only (RFC 9110, 7.6.1), and the length, which the proxy says anew.
OWN = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}


class Faulty:
    def __init__(self, server):
        parts = urllib.parse.urlsplit(server)
        self.server_host, self.server_port = parts.hostname, parts.port
        self.rules, self.requests, self.lock = [], [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def handle_any(self):
                outer._handle(self)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def count(self, method=None, path=None):
        with self.lock:
            return sum(1 for r in self.requests if _matches(r, method, path))

    def forget(self):
        with self.lock:
            self.requests = []

    def _ask(self, request):
        connection = http.client.HTTPConnection(self.server_host, self.server_port, timeout=60)
        try:
            connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                if name.lower() not in OWN:
                    connection.putheader(name, value)
            if request.body is not None:
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            answer = connection.getresponse()
            body = answer.read()
            length = answer.getheader("Content-Length") if request.method == "HEAD" else None
            headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in OWN]
            if length:
                headers.append(("Content-Length", length))
            return Answer(answer.status, headers, body)
        finally:
            connection.close()

    def _handle(self, handler):
        length = handler.headers.get("Content-Length")
        if handler.headers.get("Expect", "").lower() == "100-continue":
            handler.send_response_only(100)
            handler.end_headers()
        body = handler.rfile.read(int(length)) if length else None
        request = Request(handler.command, handler.path, handler.headers.items(), body)
        with self.lock:
            self.requests.append(request)
        action = next((a for a in (rule(request) for rule in list(self.rules)) if a), None)
        if action:
            code, headers, content, how = action(request, self._ask)
        else:
            answer = self._ask(request)
            code, headers, content, how = answer.status, answer.headers, answer.body, None
        try:
            self._send(handler, code, headers, content, how)
        except (Cut, OSError):
            handler.close_connection = True

    @staticmethod
    def _send(handler, code, headers, content, how):
        handler.send_response_only(code)
        for name, value in headers:
            handler.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command == "HEAD":
            return
        end, pause = how or (None, None)
        handler.wfile.write(content if end is None else content[:end])
        handler.wfile.flush()
        if pause:
            time.sleep(pause)
        if end is not None and end < len(content):
            handler.connection.close()
            raise Cut
