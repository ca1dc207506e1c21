"""A throw-away PostgreSQL, that can also be killed and come back.

    with Postgres() as database:
        database.psql("CREATE TABLE t (a int)")
        database.kill(); database.restart()

By hand: python3 -B tests/services/postgres.py [scram]
"""

import os
import pathlib
import pwd
import signal
import subprocess
import sys

import fixture

INSTALLED = pathlib.Path("/usr/lib/postgresql/15/bin")
PSQL = INSTALLED / "psql"  # the one on PATH is Debian's wrapper, which is slow
TIMESCALE = "VIGIL_TEST_TIMESCALE_BINDIR"


class Postgres(fixture.Fixture):
    """PostgreSQL 15, with the superuser `vigil`; without `scram` everybody on this machine is trusted.

    host, port, user, password (None without `scram`), database, url: how to reach it. fsync is
    off: what was committed survives kill(), but not the machine's fall.
    has_timescale: the environment's VIGIL_TEST_TIMESCALE_BINDIR names the folder of a postgres whose extensions
    include TimescaleDB; that one is started then, with the library loaded, and CREATE EXTENSION is for the test to do.
    settings: lines of postgresql.conf, for example {"max_connections": 5}.
    """

    name = "postgres"

    def __init__(self, scram=False, settings=None):
        super().__init__()
        self.host, self.user, self.database = "127.0.0.1", "vigil", "postgres"
        self.password = fixture.random_secret() if scram else None
        self.settings = settings or {}
        timescale = os.environ.get(TIMESCALE)
        self.has_timescale = bool(timescale)
        self.programs_folder = pathlib.Path(timescale) if timescale else INSTALLED
        # PostgreSQL refuses to run as root.
        self.owner = "postgres" if os.geteuid() == 0 else None

    @classmethod
    def missing(cls):
        return "" if (INSTALLED / "postgres").exists() else "install Debian's postgresql-15 (./dev setup does)"

    @property
    def url(self):
        secret = f":{self.password}" if self.password else ""
        return f"postgresql://{self.user}{secret}@{self.host}:{self.port}/{self.database}"

    def psql(self, sql, check=True, **variables):
        """The rows of `sql` as text, columns parted by '|'. An error raises; or, without `check`, its text is
        returned. `variables`: of the environment, as PGPASSWORD."""
        words = [PSQL, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.host, "-p", str(self.port),
                 "-U", self.user, "-d", self.database, "-c", sql]
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": self.password or "", "PGCONNECT_TIMEOUT": "30"}
        result = subprocess.run(words, env={**environment, **variables}, cwd="/", stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if result.returncode and check:
            raise RuntimeError(f"psql: {result.stderr}")
        return (result.stderr if result.returncode else result.stdout).rstrip("\n")

    def shut_down(self):
        """Ends the server in order (fast: connections are closed); restart() brings it back."""
        self._halt(signal.SIGINT)

    def kill(self):
        """Ends the server as a crash would: connections break, nothing is written. restart() recovers."""
        self._halt(signal.SIGQUIT)

    def restart(self):
        """Starts it again: same port, same data."""
        words = [self.programs_folder / "postgres", "-D", self.data]
        self._server = self.spawn("postgres", words, user=self.owner, stop_signal=signal.SIGQUIT)
        self.wait_until(self._ready, self._server, "postgres")

    def _start(self):
        self.data = self.folder / "data"
        self._hold_port = self.reserve_port()
        self.port = self._hold_port.number
        words = [self.programs_folder / "initdb", "-D", self.data, "-U", self.user, "-E", "UTF8", "--locale=C",
                 "--no-sync", f"--auth={'scram-sha-256' if self.password else 'trust'}"]
        if self.password:
            secret = self.folder / "password"
            secret.write_text(self.password)
            words.append(f"--pwfile={secret}")
        if self.owner:
            self._give_away()
        self.run("initdb", words, user=self.owner)
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in self._configuration().items())
        self.restart()

    def _halt(self, sign):
        self.end(self._server, sign)
        self.forget(self._server)

    def _ready(self):
        return self._hold_port.answers() and self.psql("SELECT 1", check=False) == "1"

    def _configuration(self):
        """The session's time zone is one that must not matter to a client."""
        found = {"listen_addresses": self.host, "port": self.port, "unix_socket_directories": "", "fsync": "off",
                 "full_page_writes": "off", "timezone": "America/New_York"}
        if self.has_timescale:
            found |= {"shared_preload_libraries": "timescaledb", "max_worker_processes": 32,
                      "timescaledb.telemetry_level": "off"}
        return found | self.settings

    def _give_away(self):
        """Hands the folder to the user that runs the server, who must be able to reach it."""
        closed = [parent for parent in self.folder.parents if not parent.stat().st_mode & 0o001]
        if closed:
            raise PermissionError(f"user {self.owner} cannot enter {closed[-1]}: set TMPDIR to a folder that it can")
        owner = pwd.getpwnam(self.owner)
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def describe(database):
    return f"PostgreSQL, logs in {database.folder}/log\nexport DATABASE_URL={database.url}"


if __name__ == "__main__":
    fixture.serve_by_hand(Postgres(scram=sys.argv[1:] == ["scram"]), describe)
