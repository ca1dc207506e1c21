"""What the fixtures share: free ports, folders that go away, processes that end with the test."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PYTHON = "/usr/bin/python3"  # Debian's: the one that sees Debian's modules


def free_ports(n):
    """Ports of 127.0.0.1 that the kernel just gave away, all different."""
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def die_with_parent():
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Service:
    """A folder and processes; used as a context manager or with start() and stop()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-service-"))
        self.processes = []

    def run(self, *words, log):
        with open(self.folder / log, "ab") as out:
            process = subprocess.Popen([str(w) for w in words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out, preexec_fn=die_with_parent)
        self.processes.append(process)
        return process

    def wait_for(self, url, seconds=60, context=None):
        """Until something answers there, with whatever status."""
        end = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(url, timeout=5, context=context).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                dead = [p.args[0] for p in self.processes if p.poll() is not None]
                if dead or time.monotonic() > end:
                    raise RuntimeError(f"{url} does not answer; ended: {dead}\n{self.logs()}") from None
                time.sleep(0.05)

    def logs(self):
        texts = [f"--- {p.name}\n{p.read_text(errors='replace')[-2000:]}" for p in sorted(self.folder.glob("*.log"))]
        return "\n".join(texts)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()


def stay(service):
    """For a fixture that is started by hand: until Ctrl-C."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        service.stop()
