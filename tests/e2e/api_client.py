"""What the tests of the API share: a running server, and a client that shows answers as they are."""

import gzip
import http.client
import json
import signal
import socket
import subprocess
import threading
import time
from urllib.parse import quote, urlencode

from e2e import TMP, at_end, check, command, environment


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {k.lower(): v for k, v in headers}
        self.body = body

    @property
    def type(self):
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def data(self):
        """The body without its compression."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def json(self):
        return json.loads(self.data)

    def __str__(self):
        return f"{self.status} {self.headers}\n{self.data[:600]!r}"


class Server:
    """`vigil serve` at a port that the system chose. What it says goes to self.said."""

    all = []  # every server of the test

    def __init__(self, lake, *words, env=None, wait=True):
        self.said = []
        Server.all.append(self)
        self.process = subprocess.Popen(command("serve", "--lake", lake, "--listen", "127.0.0.1:0", "--refresh", "1", *words),
                                        env=env or environment(), cwd=TMP, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        at_end(self.kill)
        self.port = None
        self.listening = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if wait:
            self.listening.wait(60)
            check(self.port is not None, "the server listens", "".join(self.said))

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            if "http://" in line and "documentation" in line:
                self.port = int(line.split("http://")[1].split()[0].rsplit(":", 1)[1])
                self.listening.set()
        self.listening.set()

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, method="GET", headers=None, connection=None, body=None, **parameters):
        """One request; parameters are encoded, the path is sent as it is."""
        url = path + ("?" + urlencode(parameters) if parameters else "")
        own = connection or self.connect()
        try:
            own.putrequest(method, url, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                own.putheader(name, value)
            if body is not None:
                own.putheader("Content-Length", str(len(body)))
            own.endheaders(body)
            response = own.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            if not connection:
                own.close()

    def get(self, path, **parameters):
        """The JSON of an answer that must be 200."""
        answer = self.ask(path, **parameters)
        if answer.status != 200:
            check(False, f"{path} {parameters}: 200", answer)
        return answer.json

    def pages(self, path, **parameters):
        """All items of a list, by cursors; and how many pages it took."""
        items, pages = [], 0
        while True:
            page = self.get(path, **parameters)
            items += page["items"]
            pages += 1
            if page["next_cursor"] is None:
                return items, pages
            parameters["cursor"] = page["next_cursor"]

    def raw(self, data, timeout=20, half=False):
        """Sends bytes as they are; returns all that comes back until the server closes, or the time is over."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            received = b""
            try:
                s.sendall(data)
                if half:
                    s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all was sent: the answer may be there
            try:
                while True:
                    part = s.recv(1 << 16)
                    if not part:
                        break
                    received += part
            except OSError:
                pass
            return received

    def metric(self, name, **labels):
        """The sum of the samples of this name that have these labels."""
        total = 0.0
        for line in self.ask("/metrics").data.decode().splitlines():
            head, _, value = line.rpartition(" ")
            if head.partition("{")[0] == name and all(f'{k}="{v}"' in head for k, v in labels.items()):
                total += float(value)
        return total

    def stop(self, number=signal.SIGTERM):
        """Exit code, and the seconds that it took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.reader.join(10)
        return code, time.monotonic() - begin

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def is_problem(answer, status, *words):
    """A problem document of this status that says what it should."""
    try:
        document = answer.json
    except ValueError:
        return False
    return (answer.status == status and answer.type == "application/problem+json" and document.get("status") == status and
            {"type", "title", "status", "detail", "instance"} <= document.keys() and
            all(word in json.dumps(document, ensure_ascii=False) for word in words))


def path_of(*parts):
    return "/" + "/".join(quote(part, safe="") for part in parts)
