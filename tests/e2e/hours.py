#!/usr/bin/env -S python3 -B
"""/coverage/hours against the names of the objects that were fetched: a lake with holes, the same lake repaired, one that has
an hour twice, one whose objects name no hours; from the lake, from a bucket and from PostgreSQL. A database that an older
vigil filled gets its hours."""

import shutil
import time

from api_client import Server, is_problem
from e2e import REAL, TMP, check, decoded, environment, equal, finish, hour_files, simulate, sql, start, vigil, write
from postgres import Postgres
from s3_world import LAKES, World, start_server

MARKET = simulate("market", 60000, traders=120, seed=23, days=4)
HOURS = {(path.parent.name, int(path.stem)): path for path in hour_files(MARKET)}
DAYS = sorted({day for day, _ in HOURS})
equal(len(HOURS), 96, "the market has four whole days")


def dashes(day):
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def copy(name, hours):
    """A folder with these hours of the market."""
    for day, hour in hours:
        target = TMP / name / "node_fills_by_block/hourly" / day / f"{hour}.lz4"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOURS[day, hour], target)
    return TMP / name


def computed(lake, *sources):
    for source in sources:
        vigil("fetch", source, "--lake", lake, "--quiet", code=None)
    vigil("features", "--lake", lake, "--quiet")
    return lake


def expected(present):
    """Days, the newest first, as a list of what was fetched says."""
    first, last = min(present), max(present)
    state = lambda key: "1" if key in present else "-" if not first < key < last else "0"
    days = [day for day in DAYS if first[0] <= day <= last[0]]
    return [{"date": dashes(day), "hours_present": sum((day, h) in present for h in range(24)),
             "hours": "".join(state((day, h)) for h in range(24))} for day in reversed(days)]


def shows(server, present, what):
    equal(server.get("/coverage/hours")["items"], expected(present), f"{what}: every hour")
    coverage = server.get("/coverage")
    first, last = ((DAYS.index(day) * 24 + hour) for day, hour in (min(present), max(present)))
    equal((coverage["hours_present"], coverage["hours_span"]), (len(present), last - first + 1), f"{what}: and their number")
    equal(coverage["coverage"]["complete"], len(present) == last - first + 1, f"{what}: complete, or not")


# From 5:00 of the first day to 20:00 of the last; two holes, and a whole day that is missing.
PART = {key for key in HOURS if (DAYS[0], 5) <= key <= (DAYS[3], 20)}
HOLES = {(DAYS[0], 22), (DAYS[0], 23), (DAYS[1], 0), (DAYS[1], 13)} | {(DAYS[2], hour) for hour in range(24)}
LAKE = computed(TMP / "lake", copy("holes", PART - HOLES))
check((DAYS[0], 6) in PART - HOLES and sql(LAKE, f"SELECT count(*) FROM fills WHERE date_trunc('hour', block_time) = TIMESTAMP '{dashes(DAYS[0])} 06:00:00'") == [[0]],
      "an hour in which the exchange stood still is there all the same")
SERVER = Server(LAKE)
shows(SERVER, PART - HOLES, "holes")

found, pages = SERVER.pages("/coverage/hours", limit=1)
equal((found, pages), (expected(PART - HOLES), 4), "a day a page")
text = SERVER.ask("/coverage/hours", format="csv").data.decode().split("\r\n")
equal(text[:2], ["date,hours_present,hours", f"{dashes(DAYS[3])},21,{'1' * 21}---"], "as CSV")
check(is_problem(SERVER.ask("/coverage/hours?cursor=AAAA"), 400, "cursor"), "a made-up cursor is refused")

database = start(Postgres())
vigil("load", "--source", LAKE, env=environment(DATABASE_URL=database.url))
LOADED = Server(TMP / "there-is-no-lake", env=environment(DATABASE_URL=database.url))
shows(LOADED, PART - HOLES, "holes, from PostgreSQL")
equal(LOADED.ask("/coverage/hours").data, SERVER.ask("/coverage/hours").data, "the same bytes")


def later(server, present):
    """The servers look by themselves, and may see what was fetched before it was computed."""
    for _ in range(300):
        coverage = server.get("/coverage")
        if coverage["hours_present"] == len(present) and coverage["fills"] == coverage["fills_in_lake"]:
            return
        time.sleep(0.1)


vigil("fetch", copy("mended", HOLES), "--lake", LAKE, "--quiet")
for _ in range(100):
    coverage = SERVER.get("/coverage")
    if coverage["hours_present"] == len(PART):
        break
    time.sleep(0.1)
equal((coverage["hours_present"], coverage["coverage"]["complete"], coverage["fills"] < coverage["fills_in_lake"]), (len(PART), False, True),
      "hours that were fetched and not computed yet are there, and the answers say that they are behind")
computed(LAKE)
later(SERVER, PART)
shows(SERVER, PART, "repaired")
vigil("load", "--source", LAKE, env=environment(DATABASE_URL=database.url))
later(LOADED, PART)
shows(LOADED, PART, "repaired, from PostgreSQL")
vigil("fetch", copy("more", [(DAYS[3], 21)]), "--lake", LAKE, "--quiet")
equal(SERVER.get("/coverage/hours")["items"], expected(PART), "an hour that figures do not know yet is outside")

# A database of an older vigil: without the step, and with nothing new to load.
database.psql("DROP TABLE vigil_lake.coverage_hours; ALTER TABLE vigil_lake.coverage DROP COLUMN lake_version; DELETE FROM vigil_schema WHERE name = '005_hours.sql'")
answer = vigil("load", "--source", LAKE, env=environment(DATABASE_URL=database.url))
equal(database.psql("SELECT count(*) FROM vigil_lake.coverage_hours"), "4", "a database of an older vigil gets its hours with the next load")

# An hour in which the exchange stood still brings no row, and comes alone.
night = {(DAYS[0], hour) for hour in range(3, 11)} - {(DAYS[0], 6)}
lake = computed(TMP / "night", copy("night-hours", night))
quiet = start(Postgres())
vigil("load", "--source", lake, env=environment(DATABASE_URL=quiet.url))
server, loaded = Server(lake), Server(TMP / "there-is-no-lake", env=environment(DATABASE_URL=quiet.url))
shows(loaded, night, "without a quiet hour, from PostgreSQL")
vigil("fetch", copy("quiet", [(DAYS[0], 6)]), "--lake", lake, "--quiet")
vigil("features", "--lake", lake, "--quiet", code=3)
vigil("load", "--source", lake, env=environment(DATABASE_URL=quiet.url))
for answering in (server, loaded):
    later(answering, night | {(DAYS[0], 6)})
    shows(answering, night | {(DAYS[0], 6)}, "with it")
version = quiet.psql("SELECT version FROM vigil_lake.coverage")
vigil("load", "--source", lake, env=environment(DATABASE_URL=quiet.url))
equal(quiet.psql("SELECT version FROM vigil_lake.coverage"), version, "a further load publishes nothing")

# The same hour from two sources counts once, and hides no missing one.
blocks = decoded(HOURS[DAYS[0], 3]).splitlines(True)
path = f"node_fills_by_block/hourly/{DAYS[0]}/3.lz4"
write(TMP / "first" / path, b"".join(blocks[:70]))
write(TMP / "second" / path.replace("_by_block", "_streaming"), b"".join(blocks[70:]))
server = Server(computed(TMP / "doubled", copy("one", [(DAYS[0], 1)]), TMP / "first", TMP / "second"))
equal(sql(TMP / "doubled", "SELECT count(*) FROM blocks"), [[len(blocks) + len(decoded(HOURS[DAYS[0], 1]).splitlines())]], "two objects of one hour")
shows(server, {(DAYS[0], 1), (DAYS[0], 3)}, "an hour that two objects share")

# A lake in a bucket, two of whose hours are missing.
world = World(storage := start_server(), storage.https)
kept = {key for key in HOURS if key[0] == DAYS[1]} - {(DAYS[1], 4), (DAYS[1], 5)}
bucket = f"s3://{LAKES}/lake"
world.vigil("fetch", copy("bucket", kept), "--lake", bucket, "--quiet")
world.vigil("features", "--lake", bucket, "--quiet")
shows(Server(bucket, env=world.env), kept, "in a bucket")

# Objects without an hour do not tell what is missing.
server = Server(computed(TMP / "wallet", REAL / "wallets/2025-10-0x109a42c3.lz4"))
days = server.get("/coverage/hours")["items"]
check(days and {c for day in days for c in day["hours"]} <= {"?", "-"} and all(day["hours_present"] == 0 for day in days),
      f"a wallet's fills: {len(days)} days, whose hours are not told", days[:3])
span = sql(TMP / "wallet", "SELECT min(block_time), max(block_time) FROM fills")[0]
equal((days[-1]["date"], days[0]["date"]), (span[0][:10], span[1][:10]), "from the first fill to the last")
equal((days[-1]["hours"].find("?"), days[0]["hours"].rfind("?")), (int(span[0][11:13]), int(span[1][11:13])), "hour by hour")
finish()
