#!/usr/bin/env -S python3 -B
"""Reads /openapi.json, asks every operation with allowed, boundary and random values, and holds each answer against what the
document promises: its status, its type, its schema. Nothing is a fault of the server, and allowed values are not refused."""

import json
import random
import re
import sys
from urllib.parse import quote

import jsonschema

from api_client import Server
from e2e import TMP, check, equal, finish, simulate, sql, vigil

ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 40
SEED = 20261
MARKET = simulate("market", 20000, traders=80, seed=11, days=2)
LAKE = TMP / "lake"
vigil("fetch", MARKET, "--lake", LAKE, "--quiet")
vigil("features", "--lake", LAKE, "--quiet")
vigil("classify", "--lake", LAKE)
vigil("cluster", "--lake", LAKE)
SERVER = Server(LAKE)
API = SERVER.get("/openapi.json")
ADDRESSES = [r[0] for r in sql(LAKE, "SELECT user_address FROM traders ORDER BY 1")]
COINS = [r[0] for r in sql(LAKE, "SELECT DISTINCT coin FROM coin_daily ORDER BY 1")]
chance = random.Random(SEED)
cursors = {}  # path → cursors that it gave


def validator(schema):
    return jsonschema.Draft202012Validator({**schema, "components": API["components"]})


def the_document():
    """OpenAPI 3.1's own rules that matter here: references resolve, parameters of paths are declared, ids are unique."""
    check(API["openapi"].startswith("3.1."), "OpenAPI 3.1")
    text = json.dumps(API)
    missing = {r for r in re.findall(r'"#/components/schemas/(\w+)"', text) if r not in API["components"]["schemas"]}
    equal(missing, set(), "all references resolve")
    ids = [item["get"]["operationId"] for item in API["paths"].values()]
    equal(len(ids), len(set(ids)), "operations have names of their own")
    for path, item in API["paths"].items():
        declared = [p["name"] for p in item["get"]["parameters"] if p["in"] == "path"]
        equal(re.findall(r"{(\w+)}", path), declared, f"{path}: its parameters are declared, in order")
    for name, schema in API["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
    for name in ("Trader", "Fill", "TraderDay", "CoinDay", "Episode"):
        table = {"Trader": "traders", "Fill": "fills", "TraderDay": "trader_daily", "CoinDay": "coin_daily", "Episode": "episodes"}[name]
        columns = [r[0] for r in sql(LAKE, f"DESCRIBE {table}")]
        equal(list(API["components"]["schemas"][name]["properties"])[:len(columns)], columns, f"{name} has the columns of {table}")


def allowed_value(parameter, path):
    """A value that the document allows."""
    schema, name = parameter["schema"], parameter["name"]
    if name in ("address", "wallet"):
        address = chance.choice(ADDRESSES)
        return chance.choice((address, "0x" + address[2:].upper(), "0x" + "%040x" % chance.getrandbits(160)))
    if name == "prefix":
        return chance.choice(ADDRESSES)[:chance.randrange(2, 43)]
    if name in ("coin", "asset"):
        return chance.choice(COINS + ["BTC", "NOSUCH"])
    if name == "cursor":
        return chance.choice(cursors.get(path, [None]))
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if schema["type"] == "integer":
        return str(chance.choice((schema["minimum"], schema["maximum"], schema.get("default", schema["minimum"]),
                                  chance.randint(schema["minimum"], schema["maximum"]))))
    if schema.get("format") == "date" or "anyOf" in schema:
        day = f"20{chance.randrange(20, 32)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        return chance.choice((day, "2026-05-01", "1970-01-01", "2261-12-31", day + "T12:34:56Z", "2026-05-01T12:00:00.123456789Z"))
    if name == "min_volume":
        return chance.choice(("0", "1", "0.0000000001", "1000000", "9" * 18, "9" * 18 + "." + "9" * 10, "12.50"))
    return str(chance.randrange(10**6))


NOISE = ("", "0", "-1", "1001", "9" * 30, "1.5", "1e3", "null", "true", "'", "\"", "%", "..", "/", "\\", "\0", "\n", "\U0001f600", "é", " ",
         "a" * 300, "0x", "2026-13-01", "2026-02-29", "2026-05-01T25:00:00Z", "1969-12-31", "2263-01-01", "[]", "{}", "asc", "net_pnl", "ﬁ", "K")


def random_value():
    if chance.random() < 0.6:
        return chance.choice(NOISE)
    return "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(1, 0x800), chance.randrange(0x1F300, 0x1F600))))
                   for _ in range(chance.randrange(1, 60)))


def question(template, operation, wild):
    """A URL, and whether all values are allowed."""
    path, query, sound = template, [], True
    for parameter in operation["parameters"]:
        optional = not parameter["required"]
        if optional and chance.random() < 0.5:
            continue
        noisy = wild and chance.random() < 0.4
        value = random_value() if noisy else allowed_value(parameter, template)
        if value is None:
            continue
        sound = sound and not noisy
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quote(value, safe="") or "%20")
        else:
            query.append(quote(parameter["name"], safe="") + "=" + quote(value, safe=""))
    if wild and chance.random() < 0.1:
        query.append(quote(random_value(), safe="") + "=" + quote(random_value(), safe=""))
        sound = False
    chance.shuffle(query)
    return path + ("?" + "&".join(query) if query else ""), sound and "cursor=" not in "".join(query)


def fault(url, answer, responses, sound):
    """What is wrong with an answer, or None."""
    if answer.status >= 500:
        return "a fault of the server"
    if str(answer.status) not in responses:
        return "a status that the document does not have"
    if sound and answer.status == 400:
        # A made-up pair of times may be in the wrong order.
        return None if "start is later" in answer.data.decode() else "allowed values were refused"
    promised = responses[str(answer.status)].get("content", {})
    if answer.status == 304:
        return None if answer.body == b"" else "304 with a body"
    if answer.type not in promised:
        return f"a type that the document does not have: {answer.type}"
    if "json" in answer.type:
        errors = list(validator(promised[answer.type]["schema"]).iter_errors(answer.json))
        if errors:
            return f"{'/'.join(map(str, errors[0].absolute_path))}: {errors[0].message[:300]}"
    return None


def every_operation():
    connection = SERVER.connect()
    for template, item in API["paths"].items():
        if template == "/stream":
            continue
        operation = item["get"]
        faults, statuses = [], {}
        for i in range(ROUNDS if operation["parameters"] else 3):
            url, sound = question(template, operation, wild=i % 2 == 1)
            prefix = chance.choice(("", "/api/v1"))
            headers = chance.choice(({}, {"Accept": "text/csv"}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}))
            answer = SERVER.ask(prefix + url, headers=headers, connection=connection)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            wrong = fault(url, answer, operation["responses"], sound)
            if wrong:
                faults.append(f"{url} {headers}: {wrong}\n{answer}")
            elif answer.status == 200 and answer.type == "application/json" and answer.json.get("next_cursor"):
                cursors.setdefault(template, []).append(answer.json["next_cursor"])
        check(not faults, f"{template}: {sum(statuses.values())} questions, answers {dict(sorted(statuses.items()))}", "\n".join(faults[:4]))


print(f"seed {SEED}, {ROUNDS} questions an operation")
the_document()
every_operation()
every_operation()  # again, with the cursors of the first time
equal(SERVER.stop()[0], 0, "the server ends with 0")
check(not any("Sanitizer" in line or "runtime error" in line for line in SERVER.said), "and no sanitizer complains", "".join(SERVER.said)[-2000:])
finish()
