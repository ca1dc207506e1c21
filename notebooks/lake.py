"""The lake, and a running server, as pandas tables. Everything goes through the program `vigil`: no reader of Parquet is
needed.

VIGIL: the program (default: vigil, or build/vigil of this checkout); VIGIL_LAKE: the lake (default: vigil-data).
"""

import decimal
import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import pandas

BUILT = pathlib.Path(__file__).resolve().parent.parent / "build" / "vigil"
VIGIL = os.environ.get("VIGIL") or shutil.which("vigil") or str(BUILT)
LAKE = os.environ.get("VIGIL_LAKE", "vigil-data")


def sql(query, exact=False):
    """The rows of a query. Exact decimals arrive as text: `exact` keeps them as Decimal, else they become floats, good
    for pictures and statistics."""
    result = subprocess.run([VIGIL, "sql", query, "--lake", LAKE, "--json"], capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    answer = json.loads(result.stdout)
    table = pandas.DataFrame(answer["rows"], columns=answer["columns"])
    for name in table.columns:
        known = table[name].dropna()
        if len(known) and known.map(lambda v: isinstance(v, str) and is_number(v)).all():
            table[name] = table[name].map(decimal.Decimal if exact else float, na_action="ignore")
    return table


def is_number(text):
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def ask(path, server=os.environ.get("VIGIL_SERVER", "http://127.0.0.1:8080")):
    """The JSON of an answer of `vigil serve`."""
    with urllib.request.urlopen(server + "/api/v1" + path, timeout=30) as answer:
        return json.load(answer)
