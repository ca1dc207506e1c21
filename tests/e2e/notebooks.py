#!/usr/bin/env -S python3 -B
"""Every notebook runs to its end on a simulated lake; their own assertions hold."""

import os
import pathlib

from e2e import ROOT, TMP, VIGIL, check, environment, finish, simulate, skip, vigil

try:
    import ipykernel  # noqa: F401  (runs the cells)
    import matplotlib  # noqa: F401
    import nbclient
    import nbformat
    import pandas  # noqa: F401
except ImportError as problem:
    skip(f"{problem}: ./dev setup installs it")

lake = TMP / "lake"
vigil("fetch", simulate("market", 60000, 500, seed=2, days=3), "--lake", lake)
for command in ("features", "classify", "cluster"):
    vigil(command, "--lake", lake)
os.environ.update(environment(VIGIL=VIGIL, VIGIL_LAKE=lake, VIGIL_SERVER="http://127.0.0.1:9", MPLBACKEND="agg",
                              IPYTHONDIR=TMP / "ipython", JUPYTER_RUNTIME_DIR=TMP / "jupyter", MPLCONFIGDIR=TMP / "matplotlib",
                              PYTHONDONTWRITEBYTECODE="1",
                              PYDEVD_DISABLE_FILE_VALIDATION="1"))
folder = pathlib.Path(ROOT) / "notebooks"
books = sorted(folder.glob("*.ipynb"))
check(len(books) == 5, f"{len(books)} notebooks")
for path in books:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    check(all(not cell.get("outputs") for cell in book.cells), f"{path.name} is kept without outputs")
    try:
        nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
        check(True, f"{path.name} runs")
    except nbclient.exceptions.CellExecutionError as problem:
        check(False, f"{path.name} runs", str(problem)[-1500:])
finish()
