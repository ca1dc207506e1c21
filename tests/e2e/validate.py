#!/usr/bin/env -S python3 -B
"""vigil validate: its statistics against numpy and scipy; no skill is not found, planted skill is; labels rest on nothing
later; results are those of the tables of features; clear answers to too little."""

import csv
import json
import subprocess
import sys

from api_client import Server
from e2e import TMP, check, decoded, equal, finish, hour_files, sha256, simulate, skip, sql, vigil, vigil_json, write

try:
    import numpy as np
    from scipy import stats
except ImportError as problem:
    skip(f"{problem}: ./dev setup installs it")

TOOL = sys.argv[3]
NAMES = ("ic", "partial", "low", "high", "p", "placebo", "placebo_p", "detectable", "top", "bottom", "spread_low", "spread_high",
         "folds")


def tool(*words):
    return json.loads(subprocess.run([TOOL, *map(str, words)], stdout=subprocess.PIPE, check=True).stdout)


def predict(folds, draws=200, placebos=200, seed=1, threads=2):
    """folds: dicts of results (n, days), size (n), scores (s, n), controls (3, n), strata (n)."""
    file = TMP / "folds"
    np.concatenate([np.concatenate([f["results"].ravel(), f["size"], f["scores"].ravel(), f["controls"].ravel(), f["strata"]])
                    for f in folds]).astype(float).tofile(file)
    n, days = folds[0]["results"].shape
    answer = tool("run", file, n, days, len(folds), len(folds[0]["scores"]), draws, placebos, seed, threads)
    return [{**dict(zip(NAMES, s["numbers"])), "fold_ic": s["fold_ic"]} for s in answer["scores"]]


def near(found, expected, tolerance, what):
    off = np.max(np.abs(np.asarray(found, float) - np.asarray(expected, float)))
    return check(off <= tolerance, f"{what}: off by {off:.1e}, allowed {tolerance:.0e}")


def market(rng, n, days, folds=6, skill=0.0, scores=2):
    """Traders with exposures to what the market does each day, heavy tails, and, if planted, a skill that the first
    score shows in part. Ties and members in the last score."""
    out = []
    for _ in range(folds):
        talent = rng.normal(size=n)
        exposure = rng.normal(size=(n, 2))
        size = rng.lognormal(8, 2, n)
        moves = rng.normal(size=(2, days))
        own = rng.standard_t(3, size=(n, days))
        results = (skill * talent[:, None] + 0.7 * exposure @ moves + own) * size[:, None] * 1e-3
        results[rng.random(n) < 0.2] = 0  # who trades no more
        rows = rng.normal(size=(scores, n)) + 0.5 * exposure[:, 0]
        rows[0] = talent + rng.normal(size=n) + 0.5 * exposure[:, 0]
        rows[-1] = rows[-1] > 1.2
        controls = np.stack([rng.normal(size=n) + 0.3 * rows[0], size, rng.integers(1, 10, n).astype(float)])
        strata = np.floor(stats.rankdata(size) / (n + 1) * 10)
        out.append(dict(results=results, size=size, scores=rows, controls=controls, strata=strata))
    return out


print("# against numpy and scipy")
rng = np.random.default_rng(11)
folds = market(rng, 700, 14, scores=3)
folds[2]["scores"][1, 0] = np.nan  # a fold without this score
found = predict(folds)


def unit_rank(x):
    r = stats.rankdata(x) - (len(x) + 1) / 2
    return r / np.linalg.norm(r)


def beyond(row, controls):
    axes = np.stack([unit_rank(c) for c in controls], 1)
    rest = row - axes @ np.linalg.lstsq(axes, row, rcond=None)[0]
    return rest / np.linalg.norm(rest)


for s in range(3):
    ics, partials, tops, bottoms = [], [], [], []
    for f in folds:
        if np.isnan(f["scores"][s, 0]):
            continue
        bps = 1e4 * f["results"].sum(1) / f["size"]
        ics.append(stats.spearmanr(f["scores"][s], bps)[0])
        partials.append(beyond(unit_rank(f["scores"][s]), f["controls"]) @ beyond(unit_rank(bps), f["controls"]))
        order, score, n = np.sort(bps), f["scores"][s], len(bps)
        clipped = np.clip(bps, order[int(0.01 * (n - 1))], order[int(0.99 * (n - 1))])
        ranked = np.sort(score)
        high, low = ranked[int(0.9 * (n - 1))], ranked[int(0.1 * (n - 1))]
        top = score > high if (score > high).any() else score >= high
        bottom = score < low if (score < low).any() else score <= low
        tops.append(clipped[top].mean())
        bottoms.append(clipped[bottom].mean())
    near([v for v in found[s]["fold_ic"] if v is not None], ics, 1e-12, f"score {s}: Spearman's correlation of every fold")
    near([found[s]["ic"], found[s]["partial"]], [np.mean(ics), np.mean(partials)], 1e-9, "... its mean, and beyond the controls")
    near([found[s]["top"] / 1e4, found[s]["bottom"] / 1e4], [np.mean(tops) / 1e4, np.mean(bottoms) / 1e4], 1e-9, "... its ends")
equal([f["folds"] for f in found], [6, 5, 6], "a fold without a score is left out")
equal([predict(folds, threads=t) for t in (1, 3)], [found, found], "the same with any number of threads")

ps = [0.04, 0.001, 0.9, 0.03, 0.03, 0.2]
adjusted = tool("adjust", *ps)
order = np.argsort(ps, kind="stable")
holm = np.empty(6)
holm[order] = np.minimum(1, np.maximum.accumulate(np.array(ps)[order] * np.arange(6, 0, -1)))
hochberg = np.empty(6)
hochberg[order] = np.minimum.accumulate((np.array(ps)[order] * 6 / np.arange(1, 7))[::-1])[::-1]
near(adjusted["holm"], holm, 1e-15, "Holm")
near(adjusted["benjamini_hochberg"], hochberg, 1e-15, "Benjamini and Hochberg")

for p, freedom, t, n, days, sharpe in ((0.975, 3, 2.5, 33000, 30, 16), (0.975, 22, 2.2, 1000, 7, 20), (0.9, 1, 1.5, 100000, 126, 9),
                                       (0.975, 2, 4, 50, 14, 3)):
    numbers = tool("luck", p, freedom, t, n, days, sharpe)["numbers"]
    g = np.euler_gamma
    best = np.sqrt(365 / days) * ((1 - g) * stats.norm.ppf(1 - 1 / n) + g * stats.norm.ppf(1 - 1 / (n * np.e)))
    daily = sharpe / np.sqrt(365)
    above = stats.norm.cdf((daily - best / np.sqrt(365)) * np.sqrt(days - 1) / np.sqrt(1 + daily ** 2 / 2))
    near([numbers[0], numbers[3], numbers[4]], [stats.norm.ppf(p), best, above], 1e-9, f"luck of {n} in {days} days: {best:.1f}")
    near([numbers[1] / stats.t.ppf(p, freedom), numbers[2]], [1, 2 * stats.t.sf(t, freedom)], 4e-3, f"Student's t with {freedom}")

print("# no skill is not found, planted skill is")
covered, placebo_small, seeds = 0, 0, 100
for seed in range(seeds):
    f = predict(market(np.random.default_rng(1000 + seed), 400, 14), draws=150, placebos=100, seed=seed)[0]
    covered += f["low"] <= 0 <= f["high"]
    placebo_small += f["placebo_p"] <= 0.05
check(93 <= covered, f"without skill the interval holds 0 in {covered} of {seeds} markets")
found = [predict(market(np.random.default_rng(5000 + seed), 400, 14, skill=0.3), draws=150, placebos=100, seed=seed)[0] for seed in range(20)]
equal([(f["low"] > 0, f["placebo_p"] <= 0.05) for f in found], [(True, True)] * 20, "planted skill is found in 20 of 20, placebos agree")
few = predict(market(np.random.default_rng(3), 100, 1, folds=1))[0]
check(few["low"] is None and few["detectable"] is None, "one day of results: no interval is claimed")

print("# the market's move is no skill")


def left_by_market(results, held, returns):
    """What the tool leaves of results, and the coefficients of all traders together."""
    file = TMP / "exposure"
    np.concatenate([results.ravel(), held.ravel(), returns.ravel()]).astype(float).tofile(file)
    answer = tool("exposure", file, *results.shape)
    return np.array(answer["left"]).reshape(results.shape), np.array(answer["common"])


def trending(rng, n, days, skill=0.0, folds=6):
    """A month that rises: who is long wins, and the score likes who is long. Traders hold BTC, ETH and what moves more."""
    out, raw, free = [], [], []
    for _ in range(folds):
        talent, side, size = rng.normal(size=n), rng.normal(0.3, 1, n), rng.lognormal(8, 2, n)
        returns = rng.normal(0.01, 0.03, size=(1, days)) + rng.normal(0, [[0.005], [0.02]], size=(2, days))
        held = (side[:, None] + 0.5 * rng.normal(size=(n, days))) * size[:, None]
        held[rng.random(n) < 0.3] = 0  # who is flat every night
        betas = np.abs(rng.normal(0.6, 0.4, (n, 2)))
        own = (skill * talent[:, None] + rng.standard_t(3, size=(n, days))) * size[:, None] * 0.02
        results = held * (betas @ returns) + own
        rows = np.stack([talent + 0.7 * side + rng.normal(size=n), side])
        controls = np.stack([rng.normal(size=n), size, rng.integers(1, 10, n).astype(float)])
        fold = dict(size=size, scores=rows, controls=controls, strata=np.floor(stats.rankdata(size) / (n + 1) * 10))
        raw.append({**fold, "results": results})
        free.append({**fold, "results": left_by_market(results, held, returns)[0]})
        out.append((results, held, returns))
    return out, raw, free


def left_by_numpy(results, held, returns):
    n, days = results.shape
    x = held[:, None, :] * returns
    x, y = x - x.mean(2, keepdims=True), results - results.mean(1, keepdims=True)
    common = np.zeros(2)
    for _ in range(8):
        weight = (x ** 2).sum((1, 2)) + ((y - np.einsum("c,ncd->nd", common, x)) ** 2).sum(1)
        weight = np.divide(1, weight, where=weight > 0, out=np.zeros(n))
        common = np.linalg.solve(np.einsum("n,ncd,ned->ce", weight, x, x), np.einsum("n,ncd,nd->c", weight, x, y))
    out = results.copy()
    for i in range(n):
        if np.any(x[i]):
            gram = x[i] @ x[i].T
            own = np.linalg.solve(gram + np.diag(np.diag(gram)) * 10 / days, x[i] @ (y[i] - common @ x[i]))
            out[i] -= (common + own) @ (held[i] * returns)
    return out, common


raw = trending(np.random.default_rng(8), 300, 14, folds=1)[0][0]
found, wanted = left_by_market(*raw), left_by_numpy(*raw)
near(found[0] / np.abs(raw[0]).max(), wanted[0] / np.abs(raw[0]).max(), 1e-9, "results without the market's move: as by numpy")
near(found[1], wanted[1], 1e-9, f"... and the common coefficients, {found[1][0]:.2f} and {found[1][1]:.2f} (planted 0.62 in the mean)")
equal(left_by_market(raw[0], raw[1], np.zeros_like(raw[2]))[0].tolist(), raw[0].tolist(), "no price of BTC and ETH: nothing is taken out")
equal(left_by_market(raw[0], np.zeros_like(raw[1]), raw[2])[0].tolist(), raw[0].tolist(), "nobody holds anything: nothing is taken out")
one = left_by_market(raw[0], raw[1], np.stack([raw[2][0]] * 2))[0]
check(np.isfinite(one).all() and np.abs(one).sum() < np.abs(raw[0]).sum(), "ETH moves as BTC does: one coefficient is enough")
for few in (1, 2):
    left, common = left_by_market(*(values[:, :few] for values in raw))
    equal((left.tolist(), common.tolist()), (raw[0][:, :few].tolist(), [None, None]), f"days: {few}, too few to tell: nothing is taken out, no coefficient is claimed")
eth = left_by_market(raw[0], raw[1], raw[2] * [[0], [1]])
check(eth[1][0] is None and abs(eth[1][1]) > 0.1 and np.abs(eth[0] - raw[0]).max() > 0, "no price of BTC: that of ETH is taken out all the same", eth[1].tolist())

fooled, covered, seeds = 0, 0, 100
for seed in range(seeds):
    _, with_market, without = trending(np.random.default_rng(2000 + seed), 300, 14)
    fooled += predict(with_market, draws=150, placebos=20, seed=seed)[0]["low"] > 0
    f = predict(without, draws=150, placebos=20, seed=seed)[0]
    covered += f["low"] <= 0 <= f["high"]
check(fooled > 30, f"without skill, in months that rise: with the market's move in it, skill is seen in {fooled} of {seeds}")
check(93 <= covered, f"... without it the interval holds 0 in {covered} of {seeds}")
found = [predict(trending(np.random.default_rng(6000 + seed), 300, 14, skill=0.3)[2], draws=150, placebos=100, seed=seed)[0] for seed in range(20)]
equal([(f["low"] > 0, f["placebo_p"] <= 0.05) for f in found], [(True, True)] * 20, "... planted skill is found in 20 of 20, placebos agree")

print("# the mean of a label, and its interval")
rng = np.random.default_rng(21)
covered = 0
for seed in range(400):
    ends = tool("interval", 3, 300, seed, *(rng.normal(size=14) + 0.2))["ends"]
    covered += ends[0] <= 14 * 0.2 <= ends[1]
check(0.91 <= covered / 400 <= 0.99, f"the interval of a sum over 14 days holds the truth in {covered / 4:.1f} % of 400")
equal(tool("interval", 3, 300, 1, 5)["ends"], [None, None], "one day: no interval is claimed")

print("# a simulated market")
days = ("--formation", 5, "--evaluation", 3, "--gap", 1, "--draws", 200)
lake = TMP / "lake"
data = simulate("market", 120000, 700, seed=4, days=14)
vigil("fetch", data, "--lake", lake)
report = vigil_json("validate", "--lake", lake, *days)
outputs = ("validation.json", "validation.html", "point_in_time_labels.csv")
first = [sha256(lake / "outputs" / name) for name in outputs]
vigil("validate", "--lake", lake, *days, "--threads", 1)
equal([sha256(lake / "outputs" / name) for name in outputs], first, "the same bytes again, with one thread")
equal([(f["from"], f["to"], f["result_from"], f["result_to"]) for f in report["folds"]],
      [(f"2026-05-{a:02}", f"2026-05-{a + 4:02}", f"2026-05-{a + 6:02}", f"2026-05-{a + 8:02}") for a in (1, 4)], "the folds")
labels = list(csv.DictReader(open(lake / "outputs/point_in_time_labels.csv")))
equal([len([l for l in labels if l["as_of"] == f["to"]]) for f in report["folds"]], [f["traders"] for f in report["folds"]],
      "a label for everybody, with the day that it rests on")
text = vigil("validate", "--lake", lake, *days).stdout.decode()
check("smart_members" in text and "headline tests" in text, "a report for people")

equal([report[key] for key in ("complete", "incomplete_folds", "untold_folds", "hours_missing", "hours_untold", "market_known")],
      [True, 0, 0, 0, 0, True], "the data are complete, and it says so")
WINDOWS = ("hours", "result_hours", "later_hours")
equal([[f[w] for w in WINDOWS] + [f[w + "_missing"] + f[w + "_untold"] for w in WINDOWS] for f in report["folds"]],
      [[120, 96, 72, 0, 0, 0], [120, 96, 0, 0, 0, 0]], "... of each fold: formation, results with the day before, the days after")
check(b"data: complete" in text.encode(), "... and on the terminal")
close = {(c, d): float(p) for c, d, p in sql(lake, "SELECT coin, CAST(CAST(block_time AS DATE) AS VARCHAR), arg_max(price, (block_number, event_index)) "
                                             "FROM fills WHERE crossed AND coin IN ('BTC', 'ETH') GROUP BY ALL")}
near([[f["btc_return"], f["eth_return"]] for f in report["folds"]],
     [[close[c, f["result_to"]] / close[c, f"2026-05-{int(f['result_from'][-2:]) - 1:02}"] - 1 for c in ("BTC", "ETH")] for f in report["folds"]], 1e-6,
     "what BTC and ETH made: the last prints of both days")
equal([[t["without_market"]["folds"], t["later"]["folds"]] for t in report["tests"] if t["name"] == "smart_score"], [[2, 1]],
      "every test without the market's move, and of the days after where the lake has them")

print("# hours that are not there")
gone = {("20260502", 3), ("20260502", 4), ("20260506", 20), ("20260508", 0), ("20260509", 23), ("20260512", 7), ("20260513", 5)}


def without(name, market, gone):
    """A lake of the market's hours but these."""
    for path in hour_files(market):
        if (path.parent.name, int(path.stem)) not in gone:
            target = TMP / name / "node_fills_by_block/hourly" / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    vigil("fetch", TMP / name, "--lake", TMP / (name + ".lake"))
    return TMP / (name + ".lake")


holed = without("holes", data, gone)
text = vigil("validate", "--lake", holed, *days).stdout.decode()
hole = json.loads((holed / "outputs/validation.json").read_text())
equal([[f[w + "_missing"] for w in WINDOWS] for f in hole["folds"]], [[2, 3, 1], [2, 2, 0]],
      "hours of each fold's windows; results begin with the close of the day before (days behind do not count)")
equal((hole["hours_missing"], hole["hours_untold"]), (6, 0), "in all each hour counts once, however many windows it is in")
equal((hole["complete"], hole["incomplete_folds"]), (False, 2), "the report's head says that folds are incomplete")
equal([hole["stability"]["first_hours_missing"], hole["stability"]["second_hours_missing"]], [3, 4], "and of the two halves")
page = (holed / "outputs/validation.html").read_text()
for place, words in (("terminal", text), ("page", page)):
    check("data: INCOMPLETE, 2 of 2 folds rest on windows with hours that are not in the lake (fold 1, 2; 6 hours in all)" in words
          and "2 of 120 hours of formation, 3 of 96 hours of results with the day before, 1 of 72 hours of the days after." in words
          and "2 of 120 hours of formation, 2 of 96 hours of results with the day before. " in words,
          f"{place}: which folds, how many hours", words[:600])
check(text.index("data: INCOMPLETE") < text.index("headline") and page.index("data: INCOMPLETE") < page.index("Headline"), "... before any result")

short = ("--formation", 5, "--evaluation", 3, "--gap", 1, "--step", 30, "--draws", 100)
small = simulate("small", 60000, 200, seed=3, days=12)
reports = [vigil_json("validate", "--lake", without(name, small, gone), *short)
           for name, gone in (("all", set()), ("evening", {("20260506", hour) for hour in range(18, 24)}), ("behind", {("20260511", 3)}))]
means = [[l["mean_usd"] for l in r["folds"][0]["labels"]] for r in reports]
check(means[1] != means[0] == means[2], "the last evening of the gap is missing: results change, for they begin with its close", means)
equal([(r["complete"], r["hours_missing"], r["folds"][0]["result_hours_missing"], r["folds"][0]["later_hours_missing"]) for r in reports],
      [(True, 0, 0, 0), (False, 6, 6, 0), (False, 1, 0, 1)], "... and it is told, and so is an hour that only the days after rest on")
EVENTS = TMP / "unnamed/fills"
write(EVENTS.with_suffix(".jsonl"), b"".join(decoded(path) for path in hour_files(small)))
vigil("fetch", TMP / "unnamed", "--lake", TMP / "unnamed.lake")
text = vigil("validate", "--lake", TMP / "unnamed.lake", *short).stdout.decode()
told = json.loads((TMP / "unnamed.lake/outputs/validation.json").read_text())
equal((told["complete"], told["incomplete_folds"], told["untold_folds"], told["hours_missing"], told["hours_untold"]), (False, 0, 1, 0, 288),
      "objects that name no hour: nothing is said to be missing, nor to be complete")
check("data: hours not told, 1 of 1 folds rests on objects that name no hour (fold 1; 288 hours in all)" in text and "INCOMPLETE" not in text
      and "Not told: 120 of 120 hours of formation" in text, "... in words", text[:900])

print("# markets that are not known")
short = ("--formation", 5, "--evaluation", 3, "--gap", 1, "--step", 3, "--draws", 100)


def rewritten(name, market, keep):
    """A lake of those of the market's fills that keep(day, user, coin) holds of."""
    for path in hour_files(market):
        blocks = [json.loads(line) for line in decoded(path).splitlines()]
        for block in blocks:
            block["events"] = [event for event in block["events"] if keep(path.parent.name, event[0], event[1]["coin"])]
        write(TMP / name / "node_fills_by_block/hourly" / path.parent.name / path.stem,
              b"".join(json.dumps(block, separators=(",", ":")).encode() + b"\n" for block in blocks))
    vigil("fetch", TMP / name, "--lake", TMP / (name + ".lake"))
    return TMP / (name + ".lake")


def late_prices(name, first):
    """What is said of a lake whose coins trade from a day on: {"ETH": "20260508"}."""
    late = rewritten(name, small, lambda day, user, coin: first.get(coin, "") <= day)
    text = vigil("validate", "--lake", late, *short).stdout.decode()
    return json.loads((late / "outputs/validation.json").read_text()), text, (late / "outputs/validation.html").read_text()


def known(report):
    return [[f[f"{coin}_{what}"] is not None for coin in ("btc", "eth") for what in ("return", "exposure")] for f in report["folds"]]


def folds_of_random(report):
    return next((t["without_market"] or {"folds": 0})["folds"] for t in report["tests"] if t["name"] == "random")


found, *words = late_prices("late-eth", {"ETH": "20260508"})
equal((known(found), folds_of_random(found), found["market_known"]), ([[True, True, False, False], [True] * 4], 2, False),
      "ETH has no price before the first fold's results: there BTC's move is taken out, in the second both")
check(all("market: ETH has no price when the results begin, in fold 1: its move is not taken out there" in w and "BTC has no price" not in w for w in words),
      "... in words that name the coin", words[0][:900])
found, *words = late_prices("late-both", {"BTC": "20260508", "ETH": "20260508"})
equal((known(found), folds_of_random(found)), ([[False] * 4, [True] * 4], 1), "neither has: that fold counts for nothing without the market")
check(all("market: 1 of 2 folds counts for nothing without it" in w for w in words), "... in words", words[0][:900])
found, *words = late_prices("no-market", {"BTC": "x", "ETH": "x"})
equal((folds_of_random(found), "supported" in [t["verdict"] for t in found["tests"]]), (0, False), "no market at all: nothing is supported")
check(all("nothing is taken out, so no test can be supported" in w for w in words), "... in words", words[0][:900])
one = ("--formation", 6, "--evaluation", 1, "--gap", 0, "--draws", 100)
skilled = TMP / "skilled.lake"
vigil("fetch", simulate("skilled", 400000, 1500, seed=7, days=20), "--lake", skilled)
found = vigil_json("validate", "--lake", skilled, *one)
score = next(t for t in found["tests"] if t["name"] == "smart_score")
check(score["ic_low"] > 0 and score["p_adjusted"] <= 0.05 and score["placebo_p"] <= 0.05, "one day of results, in a market with skill: the plain results show it", score)
equal((score["verdict"], folds_of_random(found), "supported" in [t["verdict"] for t in found["tests"]]), ("not testable", 0, False),
      "... but the market's move is not known, and nothing is supported")
equal(known(found), [[True, False] * 2] * len(found["folds"]), "... returns are known, what they did to traders is not")
check("market: NOT KNOWN, 1 day of results is too few" in vigil("validate", "--lake", skilled, *one).stdout.decode(), "... in words")

print("# nothing later is used")
early = TMP / "early"
for path in (data / "node_fills_by_block/hourly").iterdir():
    if path.name <= "20260509":
        (TMP / "cut/node_fills_by_block/hourly").mkdir(parents=True, exist_ok=True)
        (TMP / "cut/node_fills_by_block/hourly" / path.name).symlink_to(path)
vigil("fetch", TMP / "cut", "--lake", early)
before = vigil_json("validate", "--lake", early, *days)
equal([l for l in csv.DictReader(open(early / "outputs/point_in_time_labels.csv"))], [l for l in labels if l["as_of"] == "2026-05-05"],
      "labels of the first fold are the same when the days after its results do not exist")
equal(before["folds"], [{**report["folds"][0], "later_hours": 0}], "and its results")

print("# results, from the fills by SQL: cash of perps, and positions at the last prices of both days")
RESULTS = """
WITH f AS (SELECT user_address u, coin, CAST(block_time AS DATE) AS d, price p, size z, fee, fee_token, start_position q, crossed,
                  CASE side WHEN 'B' THEN size ELSE -size END AS s, (block_number, event_index) AS place
           FROM fills WHERE coin NOT LIKE '@%' AND coin NOT LIKE '%/%' AND CAST(block_time AS DATE) <= '2026-05-09'),
mark AS (SELECT coin, arg_max(p, place) FILTER (crossed AND d <= '2026-05-06') AS price_before, arg_max(p, place) FILTER (crossed) AS price_after
         FROM f GROUP BY coin),
pair AS (SELECT u, coin, arg_max(q + s, place) FILTER (d <= '2026-05-06') AS had, arg_max(q + s, place) AS has, arg_min(q, place) AS began,
                coalesce(sum(-s * p - fee) FILTER (d > '2026-05-06'), 0) AS cash, bool_and(fee_token = 'USDC') AS plain
         FROM f GROUP BY u, coin)
SELECT u, sum(cash + has * price_after - coalesce(had * price_before, 0)), bool_and(plain AND (had IS NOT NULL OR began = 0))
FROM pair JOIN mark USING (coin) GROUP BY u"""


MORNINGS = RESULTS[:RESULTS.index(",\nmark AS")] + """,
day AS (SELECT DATE '2026-05-06' + CAST(i AS INTEGER) AS day FROM range(4) days(i)),
mark AS (SELECT day, coin, arg_max(p, place) AS price FROM f JOIN day ON d <= day WHERE crossed GROUP BY day, coin),
pair AS (SELECT day, u, coin, arg_max(q + s, place) AS has, sum(-s * p - fee) AS cash FROM f JOIN day ON d <= day GROUP BY day, u, coin)
SELECT CAST(day AS VARCHAR), u, sum(cash + has * price), sum(has * price) FROM pair JOIN mark USING (day, coin) GROUP BY day, u"""


def compare_results(lake, labels, silent=()):
    known = {user: float(result) for user, result, whole in sql(lake, RESULTS) if str(whole).lower() == "true"}
    found = {l["user_address"]: float(l["result_usd"]) for l in labels if l["as_of"] == "2026-05-05"}
    shared = sorted(found.keys() & known.keys())
    check(len(shared) > 50, f"{len(shared)} of {len(found)} traders whose perp positions are known from the start")
    near([found[u] for u in shared], [known[u] for u in shared], 1e-4, "the same result for each")
    return {u: known[u] for u in shared if u in silent}


compare_results(lake, labels)
holders = [u for u, in sql(lake, "SELECT user_address FROM fills WHERE coin NOT LIKE '@%' AND coin NOT LIKE '%/%' AND "
                                 "CAST(block_time AS DATE) <= '2026-05-06' GROUP BY user_address, coin ORDER BY "
                                 "abs(arg_max(start_position + CASE side WHEN 'B' THEN size ELSE -size END, (block_number, "
                                 "event_index)) * max(price)) DESC LIMIT 40")]
quiet = rewritten("quiet", data, lambda day, user, coin: day <= "20260506" or user not in holders)
vigil("validate", "--lake", quiet, *days)
held = compare_results(quiet, list(csv.DictReader(open(quiet / "outputs/point_in_time_labels.csv"))), holders)
check(sum(abs(v) > 1 for v in held.values()) >= 3, f"{len(held)} of them trade no more, and have what their positions did: "
      f"{[round(v) for v in held.values()][:6]} USD")

users = {user for user, _, whole in sql(lake, RESULTS) if str(whole).lower() == "true"}
seen = rewritten("seen", data, lambda day, user, coin: user in users)
first_fold = vigil_json("validate", "--lake", seen, *days)["folds"][0]
people = [l["user_address"] for l in csv.DictReader(open(seen / "outputs/point_in_time_labels.csv")) if l["as_of"] == "2026-05-05"]
stands = {(day, user): (float(total), float(worth)) for day, user, total, worth in sql(seen, MORNINGS)}
stands = np.array([[stands.get((f"2026-05-{d:02}", user), (0, 0)) for d in range(6, 10)] for user in people])
prices = dict(((coin, day), float(p)) for coin, day, p in sql(seen, "SELECT coin, CAST(CAST(block_time AS DATE) AS VARCHAR), arg_max(price, (block_number, event_index)) "
                                                              "FROM fills WHERE crossed AND coin IN ('BTC', 'ETH') GROUP BY ALL"))
closes = np.array([[prices[coin, f"2026-05-{d:02}"] for d in range(6, 10)] for coin in ("BTC", "ETH")])
wanted = left_by_numpy(np.diff(stands[:, :, 0], axis=1), stands[:, :-1, 1], closes[:, 1:] / closes[:, :-1] - 1)[1]
near([first_fold["btc_exposure"], first_fold["eth_exposure"]], wanted, 1e-6,
     f"what BTC and ETH did to {len(people)} traders, from the fills by SQL and numpy: {wanted[0]:+.3f} and {wanted[1]:+.3f}")
fold = {l["name"]: l for l in report["folds"][0]["labels"]}
for name, label in fold.items():
    values = np.array([float(l["result_usd"]) for l in labels if l["as_of"] == "2026-05-05" and l["cluster_name"] == name])
    check(label["mean_usd_low"] is None or label["mean_usd_low"] <= label["mean_usd"] <= label["mean_usd_high"], f"{name}: its mean within its interval")
    near([label["traders"], label["mean_usd"], label["median_usd"], label["hit_rate"]],
         [len(values), values.mean(), np.median(values), (values > 0).mean()], 1e-5, f"{name}: traders, mean, median, hit rate")

print("# served")
server = Server(lake)
answer, page = server.ask("/validation"), server.ask("/validation", headers={"Accept": "text/html"})
equal((answer.status, answer.json), (200, report), "the report over HTTP is the one of the command")
check(page.data == (lake / "outputs/validation.html").read_bytes() and "text/html" in page.type, "browsers get the page")
check(b"<script" not in page.data and b"http" not in page.data, "which has no script and nothing from elsewhere")
server.stop()
server = Server(early)
(early / "outputs/validation.json").unlink()
equal(server.ask("/validation").status, 404, "404 before there is one")
server.stop()

print("# too little, and wrong usage")
result = vigil("validate", "--lake", lake, code=1)
check(b"14 days of fills, and one fold takes 45" in result.stderr, f"too few days: {result.stderr.decode().strip()[:200]}")
vigil("fetch", simulate("tiny", 300, 20, seed=1, days=3), "--lake", TMP / "tiny-lake")
result = vigil("validate", "--lake", TMP / "tiny-lake", "--formation", 1, "--evaluation", 1, "--gap", 0, code=1)
check(b"2026-05-01 to 2026-05-01" in result.stderr, f"too few traders: {result.stderr.decode().strip()[:200]}")
for words in (("--formation", 0), ("--evaluation", 400), ("--k", 1), ("--draws", 5), ("--step", 3), ("x",)):
    vigil("validate", "--lake", lake, *words, code=2)
vigil("validate", "--lake", TMP / "nothing", code=1)
finish()
