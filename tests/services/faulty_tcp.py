"""A proxy before any TCP server (a database, TLS, a WebSocket) whose connections a test can break.

    link = start(FaultyTcp(database.host, database.port))
    link.reset_after(1000)      # each new connection, after 1000 bytes from the server
    link.reset_all()            # every open connection, now
    link.hold(); link.resume()  # nothing passes, in either direction, until then
    link.refuse(); link.accept()

By hand: python3 -B tests/services/faulty_tcp.py PORT BYTES    resets each connection after BYTES of the answer
"""

import select
import socket
import sys
import threading
import time

import fixture

PIECE = 65536
TICK_S = 0.02


class FaultyTcp(fixture.Fixture):
    """host, port: where clients connect. connections: how many came."""

    name = "faulty-tcp"

    def __init__(self, host, port):
        super().__init__()
        self.target = host, port
        self.host = "127.0.0.1"
        self.connections = 0
        self._limit = None
        self._refusing = False
        self.holding = False
        self._lock = threading.Lock()
        self._open = set()

    def reset_after(self, count):
        """New connections end with RST after so many bytes from the server; None: they last."""
        self._limit = count

    def reset_all(self):
        """Ends every open connection with RST, now."""
        with self._lock:
            links = list(self._open)
        for link in links:
            link.reset()

    def hold(self):
        self.holding = True

    def resume(self):
        self.holding = False

    def refuse(self):
        """New connections are reset at once."""
        self._refusing = True

    def accept(self):
        self._refusing = False

    def forget(self, link):
        with self._lock:
            self._open.discard(link)

    def _start(self):
        self._listener = socket.create_server((self.host, 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = None if self._refusing else socket.create_connection(self.target, timeout=30)
            except OSError:
                server = None
            # Together: who has seen the connection counted can reset it.
            with self._lock:
                self.connections += 1
                if server:
                    self._open.add(Link(self, client, server, self._limit))
            if not server:
                fixture.reset_on_close(client)
                client.close()

    def stop(self, keep=False):
        if self.folder:
            # Without shutdown() the waiting accept() would not notice.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self.reset_all()
        super().stop(keep)


class Link(threading.Thread):
    """A client's connection and the server's. Lasts until both have ended, or one is reset: then the other is too."""

    def __init__(self, proxy, client, server, limit):
        super().__init__(daemon=True)
        self._proxy, self._client, self._server, self._limit = proxy, client, server, limit
        for end in (client, server):
            end.setblocking(False)
        self._broken = False
        self._pending = {client: b"", server: b""}  # to be written to each
        self._readable = {client, server}
        self.start()

    def reset(self):
        """Ends both with RST; when it returns they have ended."""
        self._broken = True
        self.join()

    def run(self):
        try:
            while not self._broken and (self._readable or any(self._pending.values())):
                self._pass_on()
        except OSError:
            self._broken = True
        for connection in (self._client, self._server):
            if self._broken:
                fixture.reset_on_close(connection)
            connection.close()
        self._proxy.forget(self)

    def _pass_on(self):
        """Reads only what can be written: nothing piles up here."""
        if self._proxy.holding:
            time.sleep(TICK_S)
            return
        readers = [end for end in self._readable if not self._pending[self._other(end)]]
        writers = [end for end, data in self._pending.items() if data]
        readers, writers, _ = select.select(readers, writers, [], TICK_S)
        for end in readers:
            self._read(end)
        for end in writers:
            self._pending[end] = self._pending[end][end.send(self._pending[end]):]
        if self._limit == 0 and not self._pending[self._client]:
            fixture.deliver(self._client)
            self._broken = True

    def _read(self, end):
        limited = end is self._server and self._limit is not None
        data = end.recv(min(PIECE, self._limit) if limited else PIECE)
        if data:
            self._pending[self._other(end)] = data
        else:
            self._readable.discard(end)
            self._other(end).shutdown(socket.SHUT_WR)
        if limited:
            self._limit -= len(data)

    def _other(self, end):
        return self._server if end is self._client else self._client


def describe(link):
    return f"Proxy before {link.target[0]}:{link.target[1]}: {link.host}:{link.port}"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: faulty_tcp.py PORT BYTES    resets each connection after BYTES of the answer")
    by_hand = FaultyTcp("127.0.0.1", int(sys.argv[1]))
    by_hand.reset_after(int(sys.argv[2]))
    fixture.serve_by_hand(by_hand, describe)
