#!/usr/bin/env -S python3 -B
"""Two objects that have blocks in common, and what becomes of those when one of the objects changes: every block of
every source is in the lake once, whoever came first, with one job or many, compacted or not."""

import random
import shutil

from e2e import (TMP, check, decoded, equal, finish, hour_files, leftovers, records, same_lake, simulate, sql, stamps,
                 tree, vigil, vigil_json, write)

HOURS = {path.stem: path for path in hour_files(simulate("market", 40000, 200, seed=9))}
BEFORE = decoded(HOURS["11"]).splitlines(True)[-50:]  # of an object that stays as it is: so the day can be compacted
LINES = decoded(HOURS["12"]).splitlines(True)
N = len(LINES)
CUT, HALF, END = int(N * 0.4), int(N * 0.5), int(N * 0.6)  # what both have: from CUT to END
FOLDER = TMP / "sources/node_fills_by_block/hourly/20260501"
EARLY, LATE = FOLDER / "12.lz4", FOLDER / "13.lz4"
EARLY_RECORD, LATE_RECORD, DAY_RECORD = "20260501-12.json", "20260501-13.json", "compacted-2026-05-01.json"
lake, fresh = TMP / "lake", TMP / "fresh"
write(FOLDER / "11.lz4", b"".join(BEFORE))


def put(early=None, late=None):
    for path, lines in ((EARLY, early), (LATE, late)):
        if lines is not None:
            write(path, b"".join(lines))


def begin(*objects, compacted=False):
    """A lake that took these, one after the other: who comes later leaves out what both have."""
    shutil.rmtree(lake, ignore_errors=True)
    put(LINES[:END], LINES[CUT:])
    for path in (FOLDER / "11.lz4", *objects):
        vigil("fetch", path, "--lake", lake)
    if compacted:
        vigil("compact", "--lake", lake)


def fetch(*sources, jobs=2, code=0):
    report = vigil_json("fetch", *(sources or (FOLDER,)), "--lake", lake, "--jobs", jobs, code=code)
    return {k: report[k] for k in ("fetched", "replaced", "unchanged", "failed") if report[k]}


def forget(*names):
    for name in names:
        (lake / "manifest" / name).unlink(missing_ok=True)


def has(lines, what):
    """Every line once, nothing else, nothing left to do."""
    found = vigil("export", "--lake", lake).stdout
    problems = vigil_json("verify", "--lake", lake, code=None)["problems"]
    twice = sql(lake, "SELECT count(*) - count(DISTINCT (block_number, event_index)) FROM fills")[0][0]
    blocks = sql(lake, "SELECT count(*) FROM blocks")[0][0]
    check(found == b"".join(BEFORE + lines) and leftovers(lake) == ([], []) and not problems and not twice
          and blocks == len(BEFORE + lines), what,
          f"{len(found.splitlines())} lines of {len(BEFORE + lines)}, {blocks} blocks, {twice} fills twice; {problems}; {leftovers(lake)}")


def like_fresh():
    shutil.rmtree(fresh, ignore_errors=True)
    vigil("fetch", FOLDER, "--lake", fresh)
    if (lake / "manifest" / DAY_RECORD).exists():
        equal(tree(lake, ("blocks",)), tree(fresh, ("blocks",)), "... and the blocks' parts are those of a fresh lake")
    else:
        same_lake(lake, fresh, "... as in a fresh lake")


begin(EARLY, LATE)
found = records(lake)
equal([found[name].get("shares_with") for name in (EARLY_RECORD, LATE_RECORD)],
      [None, [{"part": "20260501-12", "etag": found[EARLY_RECORD]["etag"]}]],
      "the record of who came second names the first, and its content")

for compacted in (False, True):
    how = "compacted" if compacted else "plain"

    # Who came first changes, and has the common blocks no more, or only some of them.
    for jobs in (1, 2):
        for name, order, shorter in (("early", (EARLY, LATE), LINES[:CUT]), ("late", (LATE, EARLY), LINES[END:])):
            begin(*order, compacted=compacted)
            put(**{name: shorter})
            equal(fetch(jobs=jobs), {"replaced": 2, "unchanged": 1},
                  f"{how}, {jobs} jobs: the {name} one came first and gets shorter: the other one is taken again")
            has(LINES, "... every block is there once")
            like_fresh()
            equal(fetch(code=3), {"unchanged": 3}, "... and nothing is left to do")
    begin(EARLY, LATE, compacted=compacted)
    put(early=LINES[:HALF])
    fetch()
    has(LINES, f"{how}: the first keeps half of what both have")
    like_fresh()
    put(early=LINES[:END + 5])
    fetch()
    has(LINES, "... and gets it back, and more")

    # Both change at once.
    begin(EARLY, LATE, compacted=compacted)
    put(LINES[:CUT], LINES[HALF:])
    fetch()
    has(LINES[:CUT] + LINES[HALF:], f"{how}: both get shorter")
    put(LINES[:END], LINES[CUT:])
    fetch()
    has(LINES, "... and longer again")

    # Who came first cannot change alone; who came second can.
    begin(EARLY, LATE, compacted=compacted)
    put(early=LINES[:CUT])
    before = stamps(lake)
    result = vigil("fetch", EARLY, "--lake", lake, code=1)
    check(all(str(word).encode() in result.stderr for word in (EARLY, LATE, "hourly/20260501/13", "same run")),
          f"{how}: the first one changes alone: refused, names the other one and what to do", result.stderr)
    equal(stamps(lake), before, "... nothing was touched")
    equal(fetch(EARLY, LATE), {"replaced": 2}, "... both in one run: taken")
    has(LINES, "... every block is there once")
    begin(EARLY, LATE, compacted=compacted)
    put(late=LINES[END + 3:])
    equal(fetch(LATE), {"replaced": 1}, f"{how}: the second one changes alone")
    has(LINES[:END] + LINES[END + 3:], "... every block is there once")
    equal([name for name, record in records(lake).items() if "shares_with" in record], [], "... it depends on nobody any more")

    # Lost parts, with the content as it was.
    begin(EARLY, LATE, compacted=compacted)
    whole = tree(lake)
    (lake / ("blocks" if compacted else "fills") / "date=2026-05-01/part-20260501-12.parquet").unlink()
    equal(fetch(EARLY), {"replaced": 1}, f"{how}: a lost part of the first one: taken again alone")
    equal(tree(lake), whole, "... the lake is what it was")

    # The second one cannot be read when the first one changes.
    begin(EARLY, LATE, compacted=compacted)
    put(early=LINES[:CUT])
    sound = LATE.read_bytes()
    LATE.write_bytes(sound[:len(sound) // 2])
    equal(fetch(code=1), {"replaced": 1, "unchanged": 1, "failed": 1}, f"{how}: the second one is damaged when the first one changes")
    problems = vigil_json("verify", "--lake", lake, code=3)["problems"]
    check(len(problems) == 1 and all(word in problems[0] for word in (LATE_RECORD, "20260501-12", str(LATE))), "... verify says what to do", problems)
    LATE.write_bytes(sound)
    equal(fetch(LATE), {"replaced": 1}, "... which works, though its content is what it was")
    has(LINES, "... every block is there once")

    # The source of the second one is gone: its record must go before the first one can change.
    begin(EARLY, LATE, compacted=compacted)
    put(early=LINES[:CUT])
    LATE.unlink()
    fetch(code=1)
    forget(LATE_RECORD)
    if compacted:
        check(DAY_RECORD.encode() in vigil("fetch", FOLDER, "--lake", lake, code=1).stderr, "compacted: the day's record must go too")
        forget(DAY_RECORD)
    fetch()
    has(LINES[:CUT], f"{how}: the source of the second one is gone, and its record: the first one changes")

    # Lost records: whoever is there has its blocks whole.
    for lost, kept, lines in ((EARLY_RECORD, LATE, LINES[CUT:]), (LATE_RECORD, EARLY, LINES[:END])):
        begin(EARLY, LATE, compacted=compacted)
        forget(lost, DAY_RECORD)
        fetch(FOLDER / "11.lz4", kept, code=None)
        has(lines, f"{how}: {lost} is lost")
        fetch()
        has(LINES, "... and its object comes again")

    # A block with other events: the first stays, as long as it is there.
    at = next(i for i in range(CUT, END) if b'"events":[]' not in LINES[i])
    other = LINES[:at] + [LINES[at].replace(b'"sz":"', b'"sz":"1', 1)] + LINES[at + 1:]
    begin(EARLY)
    put(late=other[CUT:])
    fetch(code=3)
    has(LINES, f"{how}: a block with other events is refused")
    if compacted:
        vigil("compact", "--lake", lake)
    put(early=LINES[:CUT])
    fetch()
    has(other, "... and taken when the first one has it no more")
    equal(list((lake / "quarantine").iterdir()), [], "... quarantine is empty then")

    # One of them is new; the other one is known, and changes in the same run, or does not.
    for known, name, shorter in ((EARLY, "early", LINES[:HALF]), (LATE, "late", LINES[HALF:])):
        for changes in (True, False):
            lakes = []
            for jobs in (1, 2, 2):
                begin(known, compacted=compacted)
                if changes:
                    put(**{name: shorter})
                expected = {"fetched": 1, "replaced": 1, "unchanged": 1} if changes else {"fetched": 1, "unchanged": 2}
                equal(fetch(jobs=jobs), expected, f"{how}, {jobs} jobs: the {name} one is known and {'changes' if changes else 'stays'}, the other one is new")
                shares = {n: record.get("shares_with") for n, record in records(lake).items()}
                lakes.append((tree(lake, ("fills", "blocks")), shares))
            has(LINES, "... every block is there once")
            check(lakes[0] == lakes[1] == lakes[2], "... the same parts with one job and with two")

# Many objects, cut at random, that come, change and are fetched in any order; and some runs see a part of them only.
dice = random.Random(20260501)
names, sources = [FOLDER / f"{hour}.lz4" for hour in range(12, 18)], {}
twin, refused, good = TMP / "twin", 0, True
for folder in (lake, twin, *names):
    shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)
for step in range(60):
    for path in dice.sample(names, dice.randint(1, 3)):
        a, b = sorted(dice.sample(range(N), 2))
        sources[path] = set(range(a, b))
        write(path, b"".join(LINES[a:b]))
    seen = dice.sample(sorted(sources), dice.randint(1, len(sources))) if step % 2 else sorted(sources)
    if step % 10 == 9:
        vigil("compact", "--lake", lake, code=None)
        vigil("compact", "--lake", twin, code=None)
    runs = [vigil("fetch", *seen, "--lake", where, "--jobs", jobs, code=None) for where, jobs in ((lake, 1), (twin, 4))]
    refused += runs[0].returncode == 1
    good = good and runs[0].stderr == runs[1].stderr and tree(lake, ("fills", "blocks")) == tree(twin, ("fills", "blocks"))
    if len(seen) == len(sources):
        wanted = b"".join(LINES[i] for i in sorted(set().union(*sources.values())))
        good = good and runs[0].returncode in (0, 3) and vigil("export", "--lake", lake).stdout == wanted and leftovers(lake) == ([], [])
    if not good:
        check(False, f"step {step}", runs)
        break
check(good, "sixty changes of six objects: after each, every block of every source is there once, and one job gives what four give")
check(5 < refused < 30, f"{refused} of thirty runs with a part of the objects were refused")
finish()
