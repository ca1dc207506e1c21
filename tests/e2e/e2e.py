"""What the end-to-end tests share: a folder that goes away, the program, and looks into a lake.

Every test is a script: TEST VIGIL SOURCE_ROOT. It prints a line for each thing it checked; exit 0 all
hold, 1 some do not, 77 cannot be run here. Only Python's standard library and the lz4 tool are used here; the
servers of tests/services can be imported by their names, and need more.
"""

import atexit
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

VIGIL = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "vigil"
ROOT = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".").resolve()
REAL = ROOT / "tests/data/real"
TMP = pathlib.Path(tempfile.mkdtemp(prefix="vigil-e2e-")).resolve()
sys.path.append(str(ROOT / "tests/services"))
_failures = []
_undo = []
_passed = False


def _clean():
    for step in reversed(_undo):
        step()
    shutil.rmtree(TMP, ignore_errors=True)


atexit.register(_clean)


def at_end(step):
    """Runs `step` before the folder is removed."""
    _undo.append(step)


def start(server):
    """Starts a server of tests/services, which stops with the test; when the test fails, its logs are kept."""
    if server.missing():
        skip(server.missing())
    at_end(lambda: server.stop(keep=not _passed))
    return server.start()


def check(holds, what, detail=""):
    print(("ok      " if holds else "NOT OK  ") + what, flush=True)
    if not holds:
        _failures.append(what)
        if detail:
            print("        " + str(detail)[:3000].replace("\n", "\n        "), flush=True)
    return holds


def equal(found, expected, what):
    return check(found == expected, what, f"found    {str(found)[:1200]}\nexpected {str(expected)[:1200]}")


def finish():
    global _passed
    _passed = not _failures
    if _failures:
        print(f"{len(_failures)} checks failed")
    sys.exit(1 if _failures else 0)


def skip(why):
    global _passed
    _passed = True
    print(f"skipped: {why}")
    sys.exit(77)


def environment(**extra):
    """Ours, without settings of Vigil, and with a time zone that must not matter."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("VIGIL_")}
    return {**env, "TZ": "America/New_York", **{k: str(v) for k, v in extra.items()}}


def command(*words):
    return [VIGIL, *map(str, words)]


def vigil(*words, code=0, env=None, cwd=None, **options):
    """Runs vigil; a wrong exit code fails the test. stdout and stderr are bytes in the result."""
    options.setdefault("stdout", subprocess.PIPE)
    result = subprocess.run(command(*words), env=env or environment(), cwd=cwd or TMP, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, timeout=300, **options)
    if code is not None and result.returncode != code:
        check(False, f"vigil {' '.join(map(str, words))[:200]}: exit {code}, not {result.returncode}",
              (result.stdout or b"").decode(errors="replace")[-1500:] + result.stderr.decode(errors="replace")[-1500:])
    return result


def vigil_json(*words, code=0, **options):
    return json.loads(vigil(*words, "--json", code=code, **options).stdout)


def sql(lake, statement):
    """Rows of a query as lists; decimals and times are texts."""
    return vigil_json("sql", statement, "--lake", lake)["rows"]


def simulate(name, fills, traders=200, **options):
    words = [w for key, value in options.items() for w in ("--" + key, value)]
    vigil("simulate", "--fills", fills, "--traders", traders, "--output", TMP / name, *words)
    return TMP / name


def hour_files(folder):
    """The hour files below a folder, in the order of time."""
    return sorted(pathlib.Path(folder).rglob("hourly/*/*.lz4"), key=lambda p: (p.parent.name, int(p.stem)))


def decoded(path):
    if pathlib.Path(path).suffix != ".lz4":
        return pathlib.Path(path).read_bytes()
    return subprocess.run(["lz4", "-dc", "--", path], check=True, stdout=subprocess.PIPE).stdout


def packed(data):
    """One LZ4 frame, as the exchange writes them: 4 MiB blocks, content checksum."""
    return subprocess.run(["lz4", "-c", "-1", "-B7"], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def write(path, data):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(data) if path.suffix == ".lz4" else data)
    return path


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def tree(folder, below=("fills", "blocks", "manifest", "quarantine")):
    """Relative path -> SHA-256 of every file of a lake that counts."""
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): sha256(p) for name in below for p in sorted((folder / name).rglob("*"))
            if p.is_file()}


def stamps(folder):
    """Relative path -> time of change, inode: whether anything was touched."""
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.stat().st_ino) for p in sorted(folder.rglob("*"))
            if p.is_file() and p.name != ".lock"}


def records(lake):
    return {p.name: json.loads(p.read_bytes()) for p in sorted((pathlib.Path(lake) / "manifest").glob("*.json"))}


def leftovers(lake):
    """Files that no record names, and anything in tmp/."""
    lake = pathlib.Path(lake)
    named = set()
    replaced = set()
    for record in records(lake).values():
        replaced |= {p["path"] for p in record.get("replaces", [])}
    for record in records(lake).values():
        parts = record["parts"] if "parts" in record else [record["part"]]
        named |= {p["path"] for p in parts}
        named |= {record["quarantine"]} if "quarantine" in record else set()
    named -= replaced
    there = {str(p.relative_to(lake)) for name in ("fills", "blocks", "quarantine")
             for p in (lake / name).rglob("*") if p.is_file()}
    temporary = [str(p.relative_to(lake)) for p in (lake / "tmp").rglob("*")]
    return sorted(there - named) + temporary, sorted(named - there)


def same_lake(found, expected, what):
    a, b = tree(found), tree(expected)
    differ = sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))
    return check(not differ, f"{what}: {len(b)} files, the same names and bytes",
                 "\n".join(f"{k}: {'only here' if k not in b else 'missing' if k not in a else 'other bytes'}"
                           for k in differ[:20]))


def sound(lake, what):
    """No leftovers, nothing missing, and verify agrees."""
    extra, missing = leftovers(lake)
    check(not extra and not missing, f"{what}: no file too many, none missing", f"extra {extra}\nmissing {missing}")
    report = vigil_json("verify", "--lake", lake)
    check(report["clean"], f"{what}: verify finds everything in order", json.dumps(report)[:2000])


PEAK = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(words):
    """Exit code and peak resident memory in MiB of one run. A small process stands between: a child begins
    with the peak of the process that started it, and ours may be large. meson's MALLOC_PERTURB_ would count
    memory that is never touched."""
    env = {k: v for k, v in environment().items() if k != "MALLOC_PERTURB_"}
    result = subprocess.run([sys.executable, "-S", "-c", PEAK, *command(*words)], env=env, cwd=TMP, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=300)
    code, kib = map(int, result.stdout.split())
    if code not in (0, 3):
        print(result.stderr.decode(errors="replace")[-2000:])
    return code, kib / 1024
