#!/usr/bin/env -S python3 -B
"""Every command: help, JSON, silence in pipes, where settings come from, and numbers that equal the truth."""

import csv
import json
import os
import pty
import subprocess
from decimal import Decimal

from e2e import ROOT, TMP, check, command, decoded, environment, equal, finish, hour_files, simulate, sql, tree, vigil, vigil_json

NAMES = ("fetch", "backfill", "sync", "verify", "compact", "features", "classify", "cluster", "leaderboard", "trader", "coin", "sql", "export", "simulate", "doctor", "version")
DOLLARS = {"USDC", "USDT0", "USDH", "USDE"}

# Help.
overview = vigil("help").stdout.decode()
check(all(f"\n  {name} " in overview for name in (*NAMES, "help")), "vigil help lists every command", overview)
equal([vigil(flag).stdout.decode() for flag in ("--help", "-h")], [overview] * 2, "vigil --help and -h are the same page")
nothing = vigil(code=2)
check(nothing.stdout == b"" and nothing.stderr.decode() == overview, "vigil alone: the overview on stderr, exit 2")
for name in NAMES:
    page = vigil("help", name).stdout.decode()
    same = [vigil(name, flag).stdout.decode() for flag in ("--help", "-h")] == [page] * 2
    check(same and page.startswith(f"vigil {name} ") and "options:" in page and "--json" in page and ("exit:" in page.lower() or "exit codes:" in page.lower() or name == "version"),
          f"vigil help {name}: a page with usage, options and exit codes, by three ways", page)
equal(vigil("--version").stdout, vigil("version").stdout, "vigil --version is vigil version")
version = [line.split("'")[1] for line in (ROOT / "meson.build").read_text().splitlines() if line.strip().startswith("version:")][0]
equal(vigil_json("version")["vigil"], version, "the version is the project's")

# JSON: one document, nothing else on stdout, silence on stderr when that is no terminal.
LAKE = TMP / "lake"
market = TMP / "market"


def one_document(text):
    keys = lambda pairs: dict(pairs) if len({k for k, _ in pairs}) == len(pairs) else 1 / 0
    floats = []
    document = json.loads(text, object_pairs_hook=keys, parse_float=lambda t: floats.append(t) or float(t))
    return document, floats


SOMEBODY = "0x" + "ab" * 20
for words, code in ((["simulate", "--fills", "30k", "--traders", 300, "--seed", 12, "--output", market], 0), (["fetch", market, "--lake", LAKE], 0),
                    (["fetch", market, "--lake", LAKE], 3), (["verify", "--lake", LAKE], 0), (["features", "--lake", LAKE], 0), (["features", "--lake", LAKE], 3),
                    (["classify", "--lake", LAKE], 0), (["coin", "BTC", "--lake", LAKE], 0), (["coin", "btc", "--lake", LAKE], 3), (["leaderboard", "--lake", LAKE], 0),
                    (["leaderboard", "--min-fills", "1M", "--lake", LAKE], 3), (["trader", SOMEBODY, "--lake", LAKE], 3),
                    (["sql", "SELECT * FROM fills LIMIT 100", "--lake", LAKE], 0), (["sql", "SELECT * FROM fills WHERE false", "--lake", LAKE], 0),
                    (["export", "--output", TMP / "out.jsonl", "--lake", LAKE], 0), (["compact", "--lake", LAKE], 0), (["compact", "--lake", LAKE], 3),
                    (["doctor", "--lake", LAKE], 0), (["version"], 0), (["verify", "--start", "2026-04-01", "--end", "2026-04-02", "--lake", LAKE], 3)):
    result = vigil(*words, "--json", code=code)
    try:
        document, floats = one_document(result.stdout)
        good = isinstance(document, dict) and result.stdout.endswith(b"}\n") and result.stdout.count(b"\n") == 1 and result.stderr == b""
    except (ValueError, ZeroDivisionError) as error:
        document, good = error, False
    check(good, f"{words[0]} --json, exit {code}: one document on one line, silence on stderr", (document, result.stderr))
    exact = ("volume", "pnl", "fees_paid", "notional")
    shape = lambda d: [k for k, v in d.items() if isinstance(v, float) and k.endswith(exact)] if isinstance(d, dict) else []
    people = [*document.get("traders", [])] if isinstance(document.get("traders"), list) else []
    equal([k for d in (document, *people) for k in shape(d)], [], f"... no sum of money is a float") if words[0] in ("leaderboard", "trader") else None

# export --output: a pipe stays a pipe, a directory is refused before anything is read, a file appears whole.
plain = vigil("export", "--lake", LAKE).stdout
pipe = TMP / "pipe"
os.mkfifo(pipe)
with open(TMP / "piped", "wb") as piped, subprocess.Popen(["cat", pipe], stdout=piped):
    vigil("export", "--lake", LAKE, "--output", pipe)
equal(((TMP / "piped").read_bytes() == plain, pipe.is_fifo()), (True, True), "export into a pipe: all of it, and the pipe is still there")
result = vigil("export", "--lake", LAKE, "--output", TMP, code=2)
check(str(TMP).encode() in result.stderr and b"is a directory" in result.stderr, "export into a directory: wrong usage", result.stderr)
vigil("export", "--lake", TMP / "no-lake", "--output", TMP / "out2.jsonl", code=1)
vigil("export", "--lake", LAKE, "--output", TMP / "out2.jsonl")
equal(((TMP / "out2.jsonl").read_bytes() == plain, list(TMP.glob("out2.jsonl*"))), (True, [TMP / "out2.jsonl"]), "export into a file: the same bytes, no other file")
for words in (["verify"], ["features"], ["classify"], ["cluster"], ["leaderboard"], ["trader", SOMEBODY], ["coin", "BTC"], ["sql", "SELECT 1"], ["compact"]):
    result = vigil(*words, "--json", "--lake", "/dev/null/x", code=1)
    equal((result.stdout, result.stderr[:5]), (b"", b"vigil"), f"{words[0]} --json that fails: nothing on stdout, words on stderr")
result = vigil("sql", "SELECT 'x' || chr(10) || '\"\\' AS \"a \"\"b\", 12345678901234567890123456789::HUGEINT n, 0.1::DOUBLE d, 'nan'::DOUBLE e, NULL z, 1.50::DECIMAL(9,2) m, true t, [1,2] l",
               "--json", "--lake", LAKE)
equal(one_document(result.stdout)[0], {"columns": ["a \"b", "n", "d", "e", "z", "m", "t", "l"], "rows": [["x\n\"\\", 12345678901234567890123456789, 0.1, None, None, "1.50", True, "[1, 2]"]]},
      "sql --json: texts escaped, decimals as texts, no number that JSON lacks")
result = vigil("sql", "SELECT 'a,b' x, 'c\"d' y, NULL z", "--csv", "--lake", LAKE)
equal(list(csv.reader(result.stdout.decode().splitlines())), [["x", "y", "z"], ["a,b", 'c"d', ""]], "sql --csv is CSV")
for name, words in {"fetch": ["fetch", market, "--lake", TMP / "again"], "verify": ["verify", "--lake", LAKE], "leaderboard": ["leaderboard", "--lake", LAKE],
                    "export": ["export", "--lake", LAKE], "simulate": ["simulate", "--fills", "300k", "--output", TMP / "more"]}.items():
    result = vigil(*words)
    equal((result.stderr, b"\r" in result.stdout), (b"", False), f"{name} in a pipe: no progress")
main, side = pty.openpty()
process = subprocess.Popen(command("simulate", "--fills", "4M", "--output", TMP / "shown"), env=environment(), cwd=TMP, stdout=subprocess.PIPE, stderr=side)
os.close(side)
out, seen = process.stdout.read(), b""
process.wait()
os.set_blocking(main, False)
try:
    while chunk := os.read(main, 65536):
        seen += chunk
except OSError:
    pass
check(b"\rsimulating" in seen.replace(b"\x1b[K", b"") and b"\r" not in out, "on a terminal the progress is on stderr, and only there", (seen[:200], out[:200]))

# Where settings come from: flags, then environment, then .env, then defaults.
home = TMP / "home"
home.mkdir()
where = lambda *words, **env: vigil_json("doctor", *words, code=None, env=environment(**env), cwd=home)["lake"]
equal(where(), "vigil-data/lake", "the default lake")
(home / ".env").write_text("# settings\nexport VIGIL_HOME = '/tmp/from file'\n\n")
equal(where(), "/tmp/from file/lake", ".env: VIGIL_HOME")
equal(where(VIGIL_HOME="/tmp/env"), "/tmp/env/lake", "environment before .env: VIGIL_HOME")
(home / ".env").write_text("VIGIL_HOME=/tmp/home\nVIGIL_LAKE=\"/tmp/file-lake\"\n")
equal(where(), "/tmp/file-lake", ".env: VIGIL_LAKE before VIGIL_HOME")
equal(where(VIGIL_LAKE="/tmp/env-lake"), "/tmp/env-lake", "environment before .env: VIGIL_LAKE")
equal(where("--lake", "/tmp/flag-lake", VIGIL_LAKE="/tmp/env-lake"), "/tmp/flag-lake", "flag before environment")
equal(where("--lake=/tmp/flag-lake"), "/tmp/flag-lake", "--lake=… is --lake …")
(home / ".env").write_text(f"VIGIL_LAKE={LAKE}\n")
equal(json.loads(vigil("sql", "SELECT count(*) FROM fills", "--json", cwd=home).stdout)["rows"], sql(LAKE, "SELECT count(*) FROM fills"), "a command reads the lake of .env")
(home / ".env").write_text("VIGIL_LAKE=/x\nthis is no setting\n")
result = vigil("version", cwd=home, code=1)
check(b".env" in result.stderr and b"line 2" in result.stderr, "a broken .env: names the line", result.stderr)
(home / ".env").unlink()
first = next(iter(hour_files(market)))
vigil("fetch", first, cwd=home)
vigil("fetch", first, "--output", TMP / "output")
equal(tree(home / "vigil-data/lake"), tree(TMP / "output"), "fetch --output, and fetch into the default lake")

# Numbers: the simulator's own books, and for fees in dollars the raw lines in decimal arithmetic.
money = lambda text: Decimal(text)
with open(market / "truth/traders.csv", newline="") as file:
    truth = {row["address"]: row for row in csv.DictReader(file)}
fees, net, fills = {}, {}, 0
for line in b"".join(map(decoded, hour_files(market))).splitlines():
    for user, f in json.loads(line)["events"]:
        fills += 1
        price, fee = Decimal(f["px"]), Decimal(f["fee"])
        spot = f["coin"].startswith("@") or "/" in f["coin"]
        in_base = spot and fee != 0 and (f["side"] == "B") == (fee > 0)
        usd = fee if f["feeToken"] in DOLLARS else fee * price
        fees[user] = fees.get(user, 0) + usd
        net[user] = net.get(user, 0) + Decimal(f["closedPnl"]) - (0 if in_base and f["side"] == "B" else usd)
board = vigil_json("leaderboard", "--limit", 100000, "--lake", LAKE)
people = {t["user_address"]: t for t in board["traders"]}
dust = "0x" + "e" * 40
equal(set(people), {a for a, t in truth.items() if t["fills"] != "0"} - {dust}, f"leaderboard: the {len(people)} traders who traded, without the dust account")
equal(sum(t["fill_count"] for t in people.values()) + vigil_json("trader", dust, "--lake", LAKE)["trader"]["fill_count"], fills, "leaderboard and dust account: all fills")
COMPARED = {
    "fill_count": lambda t: int(t["fills"]),
    "realized_pnl": lambda t: money(t["realized_pnl"]),
    "perp_realized_pnl": lambda t: money(t["perp_pnl"]),
    "spot_realized_pnl": lambda t: money(t["spot_pnl"]),
    "perp_volume": lambda t: money(t["perp_volume"]),
    "spot_volume": lambda t: money(t["spot_volume"]) + money(t["dust_volume"]),  # truth keeps dust rows apart
    "volume": lambda t: money(t["volume"]) + money(t["dust_volume"]),
    "fees_paid": lambda t: fees[t["address"]],
    "net_pnl": lambda t: net[t["address"]],
    "maker_pct": lambda t: None,
}
for name, expected in COMPARED.items():
    if name == "maker_pct":
        wrong = [a for a, t in people.items() if abs(t[name] - 1 + int(truth[a]["taker_fills"]) / int(truth[a]["fills"])) > 1e-9]
    else:
        wrong = [(a, t[name], str(expected(truth[a]))) for a, t in people.items() if (t[name] if isinstance(t[name], int) else money(t[name])) != expected(truth[a])]
    check(not wrong, f"leaderboard: {name} of every trader is the truth's, exactly", wrong[:3])
by_token = {(a, token): value for a, token, value in sql(LAKE, "SELECT user_address, fee_token, sum(fee) FROM fills GROUP BY ALL")}
wrong = [(a, k, t[k]) for a, t in truth.items() for k in t if k.startswith("fees_") and money(t[k]) != money(by_token.get((a, k[5:]), "0"))]
check(not wrong, "fees per token of every trader are the truth's, exactly", wrong[:3])
sums = {a: v for a, *v in sql(LAKE, "SELECT user_address, sum(builder_fee), sum(deployer_fee) FROM fills GROUP BY 1")}
wrong = [a for a, t in truth.items() if a in sums and [money(v or "0") for v in sums[a]] != [money(t["builder_fees"]), money(t["deployer_fees"])]]
check(not wrong, "builder's and deployer's fees of every trader are the truth's, exactly", wrong[:3])
for metric in ("net_pnl", "realized_pnl", "volume", "fees_paid", "fill_count", "win_rate"):
    rows = vigil_json("leaderboard", "--by", metric, "--limit", 1000, "--min-fills", 10, "--lake", LAKE)["traders"]
    values = [-1 if t[metric] is None else Decimal(str(t[metric])) for t in rows]
    worst = vigil_json("leaderboard", "--by", metric, "--worst", "--limit", 7, "--min-fills", 10, "--lake", LAKE)["traders"]
    check(values == sorted(values, reverse=True) and [-1 if t[metric] is None else Decimal(str(t[metric])) for t in worst] == sorted(values)[:7] and all(t["fill_count"] >= 10 for t in rows),
          f"leaderboard --by {metric}, and --worst: in order", values[:5])
best = board["traders"][0]["user_address"]
shown = vigil_json("trader", best, "--lake", LAKE)["trader"]
equal(shown, board["traders"][0], "trader: the same numbers as on the leaderboard")
for address in (best.upper().replace("0X", "0x"), "0x" + "".join(c.upper() if i % 2 else c for i, c in enumerate(best[2:]))):
    equal(vigil_json("trader", address, "--lake", LAKE)["trader"], shown, f"trader {address[:12]}…: capitals do not matter")
text = vigil("trader", best, "--lake", LAKE).stdout.decode()
cut = str(abs(int(money(shown["net_pnl"]) * 100)))
check(f"{int(cut[:-2] or 0):,}.{cut[-2:]}" in text and best in text, "trader in words: the same net PnL, cut to cents", text)
check(best in vigil("leaderboard", "--limit", 3, "--lake", LAKE).stdout.decode(), "leaderboard in words: the best of them is there")
coverage = board["coverage"]
check(coverage["complete"] and coverage["hours_present"] == 24 == coverage["hours_span"] and coverage["fills"] == fills, "the answer says what it rests on", coverage)
since = vigil_json("leaderboard", "--since", "2026-05-01", "--limit", 100000, "--lake", LAKE)["traders"]
equal({t["user_address"]: (t["net_pnl"], t["volume"], t["fill_count"]) for t in since}, {a: (t["net_pnl"], t["volume"], t["fill_count"]) for a, t in people.items()},
      "leaderboard --since the first day: the sums of all days")
none = vigil_json("leaderboard", "--since", "2027-05-02", "--lake", LAKE, code=3)
equal((none["traders"], none["coverage"]["fills"]), ([], fills), "nobody since a day after the last: exit 3")
other = TMP / "no-features"
vigil("fetch", first, "--lake", other)
for words in (["leaderboard"], ["trader", best], ["coin", "BTC"], ["classify"], ["cluster"]):
    check(f"vigil features --lake {other}".encode() in vigil(*words, "--lake", other, code=1).stderr, f"{words[0]} without tables says which command makes them")
vigil("features", "--lake", other)
vigil("fetch", market, "--lake", other)
check(b"`vigil features` takes them in" in vigil("leaderboard", "--lake", other).stdout, "leaderboard says when the lake has more than the tables")
finish()
