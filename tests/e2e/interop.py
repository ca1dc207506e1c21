#!/usr/bin/env -S python3 -B
"""The lake as others read it: DuckDB's SQL, hyparquet (JavaScript, from npm, pinned in deps/npm), and a decoder of
the raw JSON in Python say the same about every column."""

import fcntl
import json
import re
import shutil
import subprocess
from datetime import datetime, timezone
from decimal import Decimal

from e2e import REAL, ROOT, TMP, check, decoded, equal, finish, hour_files, simulate, skip, sql, vigil, vigil_json

E10 = 10**10


def node_modules():
    """deps/npm, installed into .cache/npm when it is not there as locked."""
    home = ROOT / ".cache/npm"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (ROOT / "deps/npm/package-lock.json").read_bytes()
        stamp = home / "installed.json"
        if not stamp.exists() or stamp.read_bytes() != wanted:
            if not shutil.which("npm"):
                skip("npm is not installed")
            for name in ("package.json", "package-lock.json"):
                shutil.copy(ROOT / "deps/npm" / name, home)
            result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90)
            if result.returncode:
                text = result.stdout.decode(errors="replace")
                print(text[-1500:])
                if "EINTEGRITY" in text or "npm ci can only install" in text:
                    check(False, "deps/npm/package-lock.json is what npm serves", text[-500:])
                    finish()
                skip("npm could not fetch the reader: no network?")
            stamp.write_bytes(wanted)
    return home / "node_modules"


def contract():
    """Columns and types as src/model/schema.c has them: the one table that all else is made from."""
    text = (ROOT / "src/model/schema.c").read_text()
    tables = re.split(r"const struct column block_columns", text)
    return [re.findall(r'\{\s*"(\w+)",\s*(COLUMN_\w+),\s*(true|false)', t) for t in tables]


SQL_TYPES = {"COLUMN_TIME": "TIMESTAMP WITH TIME ZONE", "COLUMN_TIME_NS": "TIMESTAMP_NS", "COLUMN_TEXT": "VARCHAR",
             "COLUMN_DECIMAL": "DECIMAL(30,10)", "COLUMN_BOOL": "BOOLEAN", "COLUMN_INT32": "INTEGER", "COLUMN_INT64": "BIGINT"}
PARQUET_TYPES = {"COLUMN_TIME": {"TIMESTAMP MICROS utc=true"}, "COLUMN_TIME_NS": {"TIMESTAMP NANOS utc=false", "TIMESTAMP NANOS utc=true"},
                 "COLUMN_TEXT": {"TEXT"}, "COLUMN_DECIMAL": {"DECIMAL(30,10)"}, "COLUMN_BOOL": {"BOOLEAN"}, "COLUMN_INT32": {"INT32"},
                 "COLUMN_INT64": {"INT64"}}


def summary(values):
    """What is compared: how many there are, sum (distinct ones for text), least and greatest."""
    if not values:
        return [0, 0, None, None]
    if isinstance(values[0], str):
        key = lambda text: text.encode()  # bytes, as Parquet and DuckDB order texts
        return [len(values), len(set(values)), min(values, key=key), max(values, key=key)]
    return [len(values), sum(values), min(values), max(values)]


def by_sql(lake, table, columns):
    words = []
    for name, kind, _ in columns:
        value = {"COLUMN_TIME": f"epoch_us({name})::HUGEINT", "COLUMN_TIME_NS": f"epoch_ns({name})::HUGEINT",
                 "COLUMN_BOOL": f"{name}::INT"}.get(kind, name)
        if kind == "COLUMN_TEXT":
            words += [f"count({name})", f"count(DISTINCT {name})", f"min({name})", f"max({name})"]
        else:
            words += [f"count({name})"] + [f"{f}({value})::VARCHAR" for f in ("sum", "min", "max")]
    row = sql(lake, f"SELECT {', '.join(words)} FROM {table}")[0]
    result = {}
    for i, (name, kind, _) in enumerate(columns):
        n, total, least, most = row[4 * i:4 * i + 4]
        if kind == "COLUMN_TEXT":
            result[name] = [int(n), int(total), least, most]
        else:
            scale = E10 if kind == "COLUMN_DECIMAL" else 1
            number = lambda text: None if text is None else int(Decimal(text) * scale)
            result[name] = [int(n), number(total) or 0, number(least), number(most)]
    return result


def by_reader(modules, lake, table, columns):
    files = sorted((lake / table).rglob("*.parquet"))
    result = subprocess.run(["node", str(ROOT / "tests/e2e/interop_reader.mjs"), str(modules), *map(str, files)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=200)
    if result.returncode:
        check(False, "the JavaScript reader reads the lake", result.stderr.decode()[-2000:])
        finish()
    found = json.loads(result.stdout)
    equal(list(found["columns"]), [c[0] for c in columns], f"{table}: hyparquet finds the contract's columns in order")
    for name, kind, nullable in columns:
        column = found["columns"][name]
        if not (set(column["kinds"]) <= PARQUET_TYPES[kind] and len(column["kinds"]) == 1):
            check(False, f"{table}.{name}: {kind} is written as {column['kinds']}")
    kinds = sorted({k for c in found["columns"].values() for k in c["kinds"]})
    check(True, f"{table}: types in {len(files)} files: {', '.join(kinds)}")
    integer = lambda v: None if v is None else int(v)
    return found["rows"], {name: [c["values"], c["distinct"] if kind == "COLUMN_TEXT" else int(c["sum"]),
                                  *((c["min"], c["max"]) if kind == "COLUMN_TEXT" else (integer(c["min"]), integer(c["max"])))]
                           for (name, kind, _) in columns for c in [found["columns"][name]]}


def nanoseconds(text):
    whole, fraction = text.split(".")
    return int(datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp()) * 10**9 + int(fraction.ljust(9, "0"))


def exact(text):
    return None if text is None else int(Decimal(text) * E10)


SOURCE = {"coin": "coin", "side": "side", "direction": "dir", "fee_token": "feeToken", "tx_hash": "hash", "order_id": "oid",
          "trade_id": "tid", "crossed": "crossed", "builder": "builder", "cloid": "cloid", "twap_id": "twapId"}
NUMBERS = {"price": "px", "size": "sz", "start_position": "startPosition", "closed_pnl": "closedPnl", "fee": "fee",
           "builder_fee": "builderFee", "deployer_fee": "deployerFee"}


def by_hand(paths, columns):
    """The lines themselves, with Python's json and decimal."""
    fills = {name: [] for name, _, _ in columns[0]}
    blocks = {name: [] for name, _, _ in columns[1] if name not in ("digest",)}
    known = set(SOURCE.values()) | set(NUMBERS.values()) | {"time", "liquidation"}
    for line in b"".join(map(decoded, paths)).splitlines():
        block = json.loads(line)
        time = nanoseconds(block["block_time"])
        values = {"block_number": block["block_number"], "block_time": time, "local_time": nanoseconds(block["local_time"]),
                  "first_event": 0, "events": len(block["events"]), "lines": 1}
        for name in blocks:
            blocks[name].append(values[name])
        for index, (user, fill) in enumerate(block["events"]):
            liquidation = fill.get("liquidation", {})
            row = {"time": fill["time"] * 1000, "user_address": user, "block_time": time, "block_number": block["block_number"],
                   "event_index": index, "liquidated_user": liquidation.get("liquidatedUser"),
                   "liquidation_mark_price": exact(liquidation.get("markPx")), "liquidation_method": liquidation.get("method"),
                   **{name: fill.get(key) for name, key in SOURCE.items()}, **{name: exact(fill.get(key)) for name, key in NUMBERS.items()}}
            others = {k: v for k, v in fill.items() if k not in known}
            row["extra"] = json.dumps(others, separators=(",", ":")) if others else None
            for name, value in row.items():
                if value is not None:
                    fills[name].append(int(value) if isinstance(value, bool) else value)
    return {k: summary(v) for k, v in fills.items()}, {k: summary(v) for k, v in blocks.items()}


def same(found, expected, what):
    differ = {k: (found.get(k), v) for k, v in expected.items() if found.get(k) != v}
    check(not differ, f"{what}: {len(expected)} columns, each with count, exact sum or distinct values, least and greatest",
          "\n".join(f"{k}: {a} / {b}" for k, (a, b) in differ.items()))


columns = contract()
equal((len(columns), len(columns[0]), len(columns[1])), (2, 27, 7), "the contract has 27 columns of fills and 7 of blocks")
market = simulate("market", 30000, 300, seed=9)
lake = TMP / "lake"
vigil("fetch", REAL / "node_fills_by_block", market, "--lake", lake)
hours = hour_files(REAL / "node_fills_by_block") + hour_files(market)
fills, blocks = by_hand(hours, columns)
modules = node_modules() if shutil.which("node") else None
for compacted in (False, True):
    form = "compacted " if compacted else ""
    if compacted:
        vigil("compact", "--lake", lake)
    for table, wanted, raw in (("fills", columns[0], fills), ("blocks", columns[1], blocks)):
        described = {row[0]: row[1] for row in sql(lake, f"DESCRIBE {table}")}
        equal(described, {name: SQL_TYPES[kind] for name, kind, _ in wanted}, f"{form}{table}: the contract's types in SQL")
        engine = by_sql(lake, table, wanted)
        same(engine, raw, f"{form}{table}: DuckDB against the raw lines")
        if modules:
            rows, reader = by_reader(modules, lake, table, wanted)
            equal(rows, raw["block_number"][0], f"{form}{table}: {rows} rows in the files")
            same(reader, engine, f"{form}{table}: hyparquet against DuckDB")
if not modules:
    print("        not checked: hyparquet (node is missing)")

# The tables of features: DuckDB and hyparquet, and the schema that writes them.
FEATURE_KINDS = {"TEXT": "TEXT", "INT64": "INT64", "SUM": "DECIMAL(38,20)", "DECIMAL": "DECIMAL(30,10)", "DOUBLE": "DOUBLE", "BOOL": "BOOLEAN",
                 "TIME": "TIMESTAMP MICROS utc=true", "DATE": "DATE"}


def feature_contract(name):
    text = (ROOT / "src/model/feature_schema.h").read_text()
    table = re.search(rf"#define {name}_COLUMNS\(X\)(.*?)\n\n", text, re.S).group(1)
    return re.findall(r'X\(\w+, "(\w+)", (\w+), (true|false)', table)


def feature_summary(lake, table, columns):
    """Count, exact sum, least and greatest of every column, by DuckDB."""
    words = []
    for name, kind, _ in columns:
        value = {"TIME": f"epoch_us({name})", "BOOL": f"{name}::INT", "DATE": f"({name} - DATE '1970-01-01')"}.get(kind, name)
        total = f"count(DISTINCT {name})" if kind == "TEXT" else "0" if kind == "DOUBLE" else f"sum({value})"
        words += [f"count({name})", *(f"({v})::VARCHAR" for v in (total, f"min({value})", f"max({value})"))]
    row = sql(lake, f"SELECT {', '.join(words)} FROM {table}")[0]
    scales = {"SUM": 10**20, "DECIMAL": E10}
    result = {}
    for i, (name, kind, _) in enumerate(columns):
        n, total, least, most = row[4 * i:4 * i + 4]
        if kind not in ("TEXT", "DOUBLE"):
            total, least, most = (None if v is None else int(Decimal(v) * scales.get(kind, 1)) for v in (total, least, most))
        elif kind == "DOUBLE":
            total, least, most = 0, *(None if v is None else float(v) for v in (least, most))
        result[name] = [int(n), int(total or 0), least, most]
    return result


vigil("features", "--start", "2026-05-01", "--lake", lake)
vigil("classify", "--lake", lake)
vigil("cluster", "--lake", lake)
record = json.loads((lake / "features/features.json").read_text())
for table, name in (("traders", "TRADER"), ("trader_daily", "TRADER_DAILY"), ("coin_daily", "COIN_DAILY"), ("episodes", "EPISODE"), ("positions", "EPISODE"), ("trader_coins", "TRADER_COIN"), ("classes", "CLASS"), ("clusters", "CLUSTER_MEMBER"),
                    ("cluster_profiles", "CLUSTER_PROFILE")):
    wanted = feature_contract(name)
    engine = feature_summary(lake, table, wanted)
    check(engine[wanted[0][0]][0] > (4 if table == "cluster_profiles" else 10), f"{table}: {engine[wanted[0][0]][0]} rows, {len(wanted)} columns")
    if not modules:
        continue
    files = [str(lake / f["path"]) for f in record["files"] if f["table"] == table]
    result = subprocess.run(["node", str(ROOT / "tests/e2e/interop_reader.mjs"), str(modules), *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
    if not check(result.returncode == 0, f"{table}: hyparquet reads it", result.stderr.decode()[-2000:]):
        continue
    found = json.loads(result.stdout)["columns"]
    equal([(k, c["kinds"], c["nullable"]) for k, c in found.items()], [(k, [FEATURE_KINDS[kind]], null == "true") for k, kind, null in wanted],
          f"{table}: columns, types and NULLs as the schema says")
    number = {"TEXT": lambda v: v, "DOUBLE": lambda v: None if v is None else float(v)}
    integer = lambda v: None if v is None else int(v)
    same({k: [c["values"], c["distinct"] if kind == "TEXT" else int(c["sum"]), *(number.get(kind, integer)(c[m]) for m in ("min", "max"))]
          for (k, kind, _) in wanted for c in [found[k]]}, engine, f"{table}: hyparquet against DuckDB")
finish()
