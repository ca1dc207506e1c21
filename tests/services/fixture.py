"""What the servers of this folder share: a folder, processes that die with this one, ports, logs.

A server is a context manager; or start() and stop(). When the block is left by an exception, or stop(keep=True)
is asked for, its folder stays and the end of every log is printed.
"""

import ctypes
import fcntl
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

PYTHON = "/usr/bin/python3"  # Debian's: a python3 elsewhere on PATH lacks Debian's modules
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def random_secret():
    return secrets.token_hex(20)


def deliver(connection):
    """Waits, not for ever, until the other side has all that was sent, which a reset would throw away."""
    for _ in range(500):
        unacknowledged = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]
        if unacknowledged == 0:
            break
        time.sleep(0.01)


def reset_on_close(connection):
    """close() sends RST from now on."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Port:
    """A port of 127.0.0.1 that the kernel chose, and keeps for us: a bound socket that does not listen holds it, and a
    server that sets SO_REUSEADDR (all of ours do) can listen beside it. So nobody gets it while the server is down."""

    def __init__(self):
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.number = self._holder.getsockname()[1]

    def answers(self):
        with socket.socket() as probe:
            probe.settimeout(5)
            return probe.connect_ex(("127.0.0.1", self.number)) == 0

    def release(self):
        self._holder.close()


class Fixture:
    """A server of ours. Subclasses define _start(), which may use the methods below. Start it in the main thread: the
    kernel ends its processes when the thread that started them is gone."""

    name = "server"
    modules = {}  # modules of Debian's Python, and the packages they come with
    programs = {}  # programs, and the packages they come with

    @classmethod
    def missing(cls):
        """The Debian packages without which it cannot start, as a sentence; empty when all are here."""
        code = "import importlib.util, sys; print(*[m for m in sys.argv[1:] if not importlib.util.find_spec(m)])"
        lacking = subprocess.run([PYTHON, "-c", code, *cls.modules], check=True, stdout=subprocess.PIPE, text=True)
        names = {cls.modules[module] for module in lacking.stdout.split()}
        names |= {package for program, package in cls.programs.items() if not shutil.which(program)}
        return f"install Debian's {' '.join(sorted(names))} (./dev setup does)" if names else ""

    def __init__(self):
        self.folder = None
        self._processes = []
        self._ports = []

    def start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"vigil-{self.name}-")).resolve()
        (self.folder / "log").mkdir()
        try:
            self._start()
        except BaseException:
            self.stop(keep=True)
            raise
        return self

    def stop(self, keep=False):
        """Ends the processes, the last first, and removes the folder unless `keep`. A second call does nothing."""
        while self._processes:
            process, sign = self._processes.pop()
            self.end(process, sign)
        while self._ports:
            self._ports.pop().release()
        if not self.folder:
            return
        if keep:
            self._show_logs()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop(keep=kind is not None)

    def reserve_port(self):
        """A Port that is given back by stop()."""
        self._ports.append(Port())
        return self._ports[-1]

    def spawn(self, name, words, user=None, stop_signal=signal.SIGTERM, **options):
        """Starts a process, which gets `stop_signal` from stop(), and from the kernel when we die. Its stderr, and its
        stdout too unless told otherwise, go to log/NAME.log. `user`: who it runs as, when we are root."""
        parent = os.getpid()

        def die_with_us():
            # After the change of user, which would undo it.
            _libc.prctl(PR_SET_PDEATHSIG, stop_signal)
            if os.getppid() != parent:
                os._exit(1)

        if user and os.geteuid() == 0:
            options |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
        with open(self.folder / "log" / f"{name}.log", "ab") as log:
            options = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL, "cwd": self.folder, **options}
            process = subprocess.Popen(list(map(str, words)), preexec_fn=die_with_us, **options)
        self._processes.append((process, stop_signal))
        return process

    def run(self, name, words, **options):
        """Runs a program to its end; raises when it fails. Its output goes to log/NAME.log."""
        process = self.spawn(name, words, **options)
        code = process.wait(timeout=60)
        self.forget(process)
        if code != 0:
            raise RuntimeError(f"{words[0]} failed with exit code {code}: see {self.folder}/log/{name}.log")

    def forget(self, process):
        self._processes = [entry for entry in self._processes if entry[0] is not process]

    @staticmethod
    def end(process, sign):
        """Sends `sign`; kills when that does not help within 10 s."""
        if process.poll() is None:
            process.send_signal(sign)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stdin):
            if stream:
                stream.close()

    def wait_until(self, holds, process, what, seconds=60):
        """Polls until holds(); raises when `process` ends before, or time is up."""
        end = time.monotonic() + seconds
        while not holds():
            if process.poll() is not None:
                raise RuntimeError(f"{what} ended with exit code {process.returncode} while starting")
            if time.monotonic() > end:
                raise TimeoutError(f"{what} does not answer after {seconds} s")
            time.sleep(0.02)

    def _show_logs(self):
        print(f"{self.name}: kept {self.folder}", flush=True)
        for log in sorted((self.folder / "log").iterdir()):
            lines = log.read_text(errors="replace").splitlines()[-20:]
            if lines:
                print(f"  {log.name}, its end:\n    " + "\n    ".join(line[:500] for line in lines), flush=True)


def serve_by_hand(fixture, describe):
    """For `python3 -B tests/services/NAME.py`: starts, prints describe(fixture), stops on Ctrl-C or SIGTERM."""

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    with fixture:
        try:
            print(describe(fixture), "Ctrl-C stops it.", sep="\n", flush=True)
            signal.pause()
        except KeyboardInterrupt:
            pass
