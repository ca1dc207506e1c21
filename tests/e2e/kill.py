#!/usr/bin/env -S python3 -B
"""kill -9 at random moments: the lake stays readable, and running again ends in the same bytes."""

import random
import shutil
import subprocess
import time

from e2e import (TMP, check, command, decoded, environment, equal, finish, hour_files, leftovers, records, same_lake,
                 simulate, sound, sql, tree, vigil, write)

dice = random.Random(20260501)
STARTED = time.monotonic()


def measured(*words):
    start = time.monotonic()
    vigil(*words)
    return time.monotonic() - start


def killed(after, *words):
    """Runs vigil and kills it; False when it had ended by itself."""
    with subprocess.Popen(command(*words), env=environment(), cwd=TMP, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _, errors = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return process.returncode == -9
    if process.returncode not in (0, 3):
        check(False, f"vigil {' '.join(map(str, words))}: exit {process.returncode}", errors.decode())
    return False


def readable(lake, per_record, what):
    """Every object is there whole, or not at all; `per_record`: its possible numbers of fills. A part takes
    its place a moment before the record that names it, so one object's rows may be ahead of its record."""
    there = {name: record["fills"] for name, record in records(lake).items() if "fills" in record}
    wrong = {name: n for name, n in there.items() if n not in per_record[name]}
    possible = {0}
    for name in there:
        possible = {sum_ + n for sum_ in possible for n in per_record[name]}
    found = vigil("sql", "SELECT count(*) FROM fills", "--csv", "--lake", lake, code=None)
    rows = int(found.stdout.split()[1]) if found.returncode == 0 else found.stderr.decode()
    if wrong or rows not in possible:
        check(False, f"{what}: the lake between runs", f"rows {rows}, possible are {sorted(possible)}; {wrong}")
        return False
    return True


market = simulate("market", 60000, 300, seed=8)
hours = hour_files(market)
whole = TMP / "whole"
seconds = measured("fetch", market, "--lake", whole)
sound(whole, "undisturbed")
fills = {name: {record["fills"]} for name, record in records(whole).items()}

# Fetch: ten kills, then to the end; a new lake for the next ten.
kills, trials, rounds, good, partial = 0, 0, 0, True, set()
while kills < 100 and time.monotonic() - STARTED < 80:
    rounds += 1
    lake = TMP / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    for _ in range(40):
        trials += 1
        hit = killed(dice.uniform(0, 0.5 * seconds), "fetch", market, "--lake", lake, "--jobs", dice.choice((1, 2)))
        kills += hit
        if lake.exists() and (lake / "manifest").exists():
            good = readable(lake, fills, f"kill {kills}") and good
            partial.add(len(records(lake)))
        if not hit or kills % 10 == 0:
            break
    vigil("fetch", market, "--lake", lake, code=None)
    good = tree(lake) == tree(whole) and leftovers(lake) == ([], []) and good
check(kills >= 100, f"fetch: killed {kills} times in {trials} runs, {rounds} lakes, over {seconds:.2f} s each")
check(len(partial) > 10, f"the kills left lakes of {len(partial)} different sizes", partial)
check(good, "after each kill every object was there whole or not at all; after each rerun the bytes were the same")
same_lake(lake, whole, "the last of them")
sound(lake, "the last of them")

# Compact: the rows never change, and the end is the same.
SUMS = "SELECT count(*), count(DISTINCT (block_number, event_index)), sum(closed_pnl), sum(price * size) FROM fills"
expected = sql(whole, SUMS)
compacted = TMP / "compacted"
shutil.copytree(whole, compacted)
seconds = measured("compact", "--lake", compacted)
kills, good = 0, True
while kills < 25 and time.monotonic() - STARTED < 110:
    shutil.rmtree(lake)
    shutil.copytree(whole, lake)
    for _ in range(3):
        kills += killed(dice.uniform(0.2, 1.05) * seconds, "compact", "--lake", lake)
        good = sql(lake, SUMS) == expected and good
    vigil("compact", "--lake", lake, code=None)
    good = tree(lake) == tree(compacted) and leftovers(lake) == ([], []) and good
check(kills >= 25, f"compact: killed {kills} times over {seconds:.2f} s")
check(good, "after each kill the same sums; after each rerun the same bytes")

# Replacing hours of a compacted day, one of them with a line that is refused.
for number in (0, 7, 15):
    lines = decoded(hours[number]).splitlines(True)
    last = max(i for i, line in enumerate(lines) if b'"events":[]' not in line)
    lines[last:last + 1] = [b"{broken}\n"] if number == 7 else []
    write(hours[number], b"".join(lines))
replaced = TMP / "replaced"
shutil.copytree(compacted, replaced)
start = time.monotonic()
vigil("fetch", market, "--lake", replaced, code=3)
seconds = time.monotonic() - start
for name, record in records(replaced).items():
    if "fills" in record:
        fills[name].add(record["fills"])
expected = sql(replaced, SUMS)
kills, good = 0, True
while kills < 25 and time.monotonic() - STARTED < 140:
    shutil.rmtree(lake)
    shutil.copytree(compacted, lake)
    for _ in range(4):
        kills += killed(dice.uniform(0.1, 1.0) * seconds, "fetch", market, "--lake", lake)
        good = readable(lake, fills, f"replacing, kill {kills}") and good
    code = vigil("fetch", market, "--lake", lake, code=None).returncode
    good = code in (0, 3) and good  # 0 when the hour with the refused line was through before the kill
    good = sql(lake, SUMS) == expected and leftovers(lake) == ([], []) and good
    good = vigil("verify", "--json", "--lake", lake, code=3) and good
check(kills >= 25, f"replacing hours of a compacted day: killed {kills} times over {seconds:.2f} s")
check(good, "after each kill the lake could be read; after each rerun the sums were right")
equal(sorted(tree(lake, ("blocks", "quarantine")).items()), sorted(tree(replaced, ("blocks", "quarantine")).items()),
      "... and blocks and quarantine are the same bytes")
print(f"        {time.monotonic() - STARTED:.0f} s in all")
finish()
