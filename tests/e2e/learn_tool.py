"""The programs of tests/learn_tool.c, called with arrays of numpy."""

import json
import subprocess
import sys

import numpy as np

from e2e import TMP, check

TOOL, PLAIN = sys.argv[3:5]  # PLAIN: without AVX2


def tool(name, array, n, d, *more, program=TOOL):
    """The answer and its bytes. Arrays go through files."""
    arrays = [array] + [m for m in more if isinstance(m, np.ndarray)]
    files = [TMP / f"array{i}" for i in range(len(arrays))]
    for file, values in zip(files, arrays):
        values.tofile(file)
    rest = iter(files[1:])
    words = [next(rest) if isinstance(m, np.ndarray) else m for m in more]
    result = subprocess.run([program, name, *map(str, (files[0], n, d, *words))], stdout=subprocess.PIPE, check=True,
                            timeout=200)
    answer = json.loads(result.stdout)
    return {key: [np.nan if v is None else v for v in value] for key, value in answer.items()}, result.stdout


def close(found, expected, tolerance, what):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    worst = np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected)))
    return check(worst <= tolerance, f"{what}: off by {worst:.1e}, allowed {tolerance:.0e}")
