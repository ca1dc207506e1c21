#!/usr/bin/env -S python3 -B
"""Clusters: every algorithm against scikit-learn and scipy, archetypes found in simulated markets, the same bits
for any number of threads, clear answers to degenerate input."""

import csv
import json
import re
import shutil

from e2e import TMP, check, equal, finish, hour_files, sha256, simulate, skip, sql, vigil, vigil_json, write

try:
    import numpy as np
    from scipy.optimize import linear_sum_assignment
    from sklearn import metrics
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler
except ImportError as problem:
    skip(f"{problem}: ./dev setup installs it")

from learn_tool import PLAIN, close, tool

rng = np.random.default_rng(5)

# --- standardising ---
x = rng.lognormal(0, 2, (5001, 6))
x[rng.random(x.shape) < 0.1] = np.nan
x[rng.random(5001) < 0.7, 2] = np.nan  # more than half missing: nothing is claimed
x[:, 4] = 3.25
x[7, 0], x[8, 0] = np.inf, -np.inf
for tails in (0, 5):
    z = np.array(tool("standardise", x, *x.shape, tails, 2)[0]["z"]).reshape(x.shape)
    plain = np.where(np.isfinite(x), x, np.nan)
    filled = SimpleImputer(strategy="median").fit_transform(plain)
    if tails:
        filled = np.clip(filled, np.quantile(filled, 0.005, axis=0), np.quantile(filled, 0.995, axis=0))
    wanted = StandardScaler().fit_transform(filled)
    wanted[:, 2] = 0
    close(z, wanted, 1e-9, f"standardise, {tails / 10} % clipped: scikit-learn's SimpleImputer and StandardScaler")
equal(tool("standardise", x, *x.shape, 5, 1)[1], tool("standardise", x, *x.shape, 5, 3)[1], "standardise: the same bits for 1 and 3 threads")

# --- principal axes ---
for n, d in ((9000, 26), (20, 26), (500, 1)):
    x = rng.normal(size=(n, d)) @ np.diag(1.3 ** -np.arange(d)) @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    if d > 5:
        x[:, 3] = 1.5  # a constant column
    found, raw = tool("pca", x, n, d, 2)
    axes = np.array([found[f"axis{i}"] for i in range(d)])
    reference = PCA(svd_solver="full").fit(x)
    variance = np.zeros(d)
    variance[: len(reference.explained_variance_)] = reference.explained_variance_
    close(found["variance"], variance, 1e-9, f"PCA of {n} × {d}: variances as scikit-learn's")
    close(axes @ axes.T, np.eye(d), 1e-12, f"PCA of {n} × {d}: axes orthonormal")
    clear = [i for i in range(min(n - 1, d)) if variance[i] > 1e-6
             and all(abs(variance[i] - variance[j]) > 1e-6 for j in (i - 1, i + 1) if 0 <= j < d)]
    cosines = np.abs(np.sum(axes[clear] * reference.components_[clear], axis=1))
    check(np.all(cosines > 1 - 1e-9), f"PCA of {n} × {d}: {len(clear)} axes as scikit-learn's", cosines)
    check(all(a[np.argmax(np.abs(a))] > 0 for a in axes), f"PCA of {n} × {d}: the largest entry of each axis is positive")
    equal(tool("pca", x, n, d, 1)[1], raw, f"PCA of {n} × {d}: the same bits for 1 and 2 threads")


# --- k-means, indices, silhouette, agreement ---
def overlapping(n, d, k, spread):
    centres = rng.normal(size=(k, d)) * spread
    return (centres[rng.integers(k, size=n)] + rng.normal(size=(n, d))).astype(np.float32)


for n, d, k, spread in ((4000, 12, 6, 1.2), (9001, 12, 7, 0.4), (300, 2, 3, 5), (101, 16, 32, 0), (33, 3, 2, 3)):
    x = overlapping(n, d, k, spread)
    what = f"{n} × {d}, k = {k}"
    found, raw = tool("kmeans", x, n, d, k, 10, 1, 2)
    labels = np.array(found["labels"], np.uint32)
    inertia = found["inertia"][0]
    reference = KMeans(k, n_init=10, tol=1e-6, random_state=1).fit(x.astype(float))
    check(inertia <= reference.inertia_ * (1 + (1e-2 if spread == 0 else 1e-4)), f"k-means, {what}: inertia {inertia:.6g}, scikit-learn's {reference.inertia_:.6g}")
    own = np.array([x[labels == c].astype(float).mean(axis=0) if (labels == c).any() else x[0] * np.nan for c in range(k)])
    close(inertia, sum(((x[labels == c] - own[c]) ** 2).sum() for c in range(k)), 1e-5, f"k-means, {what}: inertia is that of the labels")
    if abs(inertia / reference.inertia_ - 1) < 1e-4 and spread > 1:
        check(metrics.adjusted_rand_score(labels, reference.labels_) >= 0.98, f"k-means, {what}: the same groups as scikit-learn's")
    equal(tool("kmeans", x, n, d, k, 10, 1, 1)[1], raw, f"k-means, {what}: the same bits for 1 and 2 threads")
    equal(tool("kmeans", x, n, d, k, 10, 1, 1, program=PLAIN)[1], raw, f"k-means, {what}: the same bits without AVX2")
    close(found["calinski_harabasz"], metrics.calinski_harabasz_score(x, labels), 1e-5, f"Calinski-Harabasz, {what}")
    close(found["davies_bouldin"], metrics.davies_bouldin_score(x, labels), 1e-5, f"Davies-Bouldin, {what}")
    each = metrics.silhouette_samples(x.astype(float), labels)
    s, s_raw = tool("silhouette", x, n, d, labels, k, 2)
    close(s["mean"], each.mean(), 2e-6, f"silhouette, {what}")
    close(s["negative"], (each < 0).mean(), 2 / n, f"silhouette, {what}: share below 0")
    close(s["by_cluster"], [each[labels == c].mean() for c in range(k)], 5e-6, f"silhouette, {what}: of each cluster")
    equal(tool("silhouette", x, n, d, labels, k, 1)[1], s_raw, f"silhouette, {what}: the same bits for 1 and 2 threads")
    equal(tool("silhouette", x, n, d, labels, k, 1, program=PLAIN)[1], s_raw, f"silhouette, {what}: the same bits without AVX2")
    other = np.where(rng.random(n) < 0.3, rng.integers(k, size=n), labels).astype(np.uint32)
    a = tool("agreement", labels, n, k, other)[0]
    close(a["rand"], metrics.adjusted_rand_score(labels, other), 1e-12, f"adjusted Rand index, {what}")
    close(a["information"], metrics.adjusted_mutual_info_score(labels, other), 1e-9, f"adjusted mutual information, {what}")

duplicates = np.repeat(rng.normal(size=(3, 4)).astype(np.float32), 50, axis=0)
found = tool("kmeans", duplicates, 150, 4, 6, 10, 1, 2)[0]
close(found["inertia"], 0, 1e-9, "k-means of 3 distinct points, k = 6: nothing is left")
equal(len(set(found["labels"])), 3, "k-means of 3 distinct points, k = 6: three clusters have points")
for rows, columns in ((1, 1), (5, 5), (6, 9), (20, 32)):
    cost = rng.integers(0, 50, (rows, columns)).astype(float)
    columns_of = tool("assignment", cost, rows, columns)[0]["columns"]
    best = cost[linear_sum_assignment(cost)].sum()
    check(len(set(columns_of)) == rows and cost[range(rows), columns_of].sum() == best, f"assignment of {rows} to {columns}: as cheap as scipy's")

# --- simulated markets ---
ARCHETYPES = {"HFT / Market Makers": "market_maker", "Smart Directional": "smart_directional", "Scalpers": "scalper",
              "Swing Traders": "swing", "Retail Losers": "retail_loser", "Degen Gamblers": "degen"}


def lake_of(name, fills, traders, **options):
    market = simulate(name, fills, traders, **options)
    lake = TMP / (name + ".lake")
    vigil("fetch", market, "--lake", lake)
    vigil("features", "--lake", lake)
    with open(market / "truth/traders.csv") as file:
        truth = {row["address"]: row["archetype"] for row in csv.DictReader(file)}
    return lake, truth


def placed(lake, truth):
    """True archetype, cluster id and name of everybody who is in a cluster and of one of the six archetypes."""
    rows = sql(lake, "SELECT user_address, cluster_id, cluster_name FROM clusters WHERE cluster_id IS NOT NULL")
    return [(truth[a], int(i), name) for a, i, name in rows if truth.get(a) in ARCHETYPES.values()]


scores = {"recommended": [], "standard": []}
named, own = [], []
for seed in (1, 2, 3):
    lake, truth = lake_of(f"market{seed}", 300000, 1500, seed=seed, days=3)
    for scaling, list_ in scores.items():
        report = vigil_json("cluster", "--lake", lake, "--k", 6, "--scaling", scaling, "--fresh")
        rows = placed(lake, truth)
        list_.append(metrics.adjusted_rand_score([t for t, *_ in rows], [i for _, i, _ in rows]))
        if scaling == "recommended":
            named.append(np.mean([ARCHETYPES.get(re.sub(" I+$", "", name)) == t for t, _, name in rows]))
            by_himself = sql(lake, "SELECT user_address, archetype FROM clusters WHERE cluster_id IS NOT NULL")
            own.append(np.mean([ARCHETYPES[name] == truth[a] for a, name in by_himself if truth.get(a) in ARCHETYPES.values()]))
print("adjusted Rand index against the truth, k = 6: " + "; ".join(f"{k} {np.mean(v):.2f} ({', '.join(f'{x:.2f}' for x in v)})" for k, v in scores.items())
      + f"; right name {np.mean(named):.2f}, of each trader for himself {np.mean(own):.2f}")
check(np.mean(scores["recommended"]) > 0.22, "simulated markets: archetypes are found (adjusted Rand index above 0.22)", scores)
check(np.mean(scores["recommended"]) > np.mean(scores["standard"]) + 0.05, "simulated markets: better than by the plain recipe", scores)
check(np.mean(own) >= 0.6, "simulated markets: what each trader is called for himself is right for 60 % at least", own)
check(np.mean(named) >= 0.4, "simulated markets: names are right for 40 % at least", named)

# --- the command ---
lake, truth = lake_of("day", 200000, 1500, seed=9)
result = vigil("cluster", "--lake", lake, "--threads", 1)
check(b"silhouette" in result.stdout and b"what sets it apart" in result.stdout, "cluster: says who they are and why", result.stdout)
twin = TMP / "twin"
shutil.copytree(lake, twin)
outputs = ("outputs/cluster_summary.json", "features/cluster_model.json")
table = "SELECT * FROM clusters ORDER BY user_address"
first = sql(lake, table)
vigil("cluster", "--lake", lake, "--threads", 1, "--fresh")
vigil("cluster", "--lake", twin, "--threads", 3, "--fresh")
for name in outputs:
    equal(sha256(lake / name), sha256(twin / name), f"1 and 3 threads: the same bytes of {name}")
equal(sql(lake, table), sql(twin, table), "1 and 3 threads: the same table")
equal(sql(lake, table), first, "twice: the same table")
counts = sql(lake, "SELECT count(*), count(DISTINCT user_address), count(*) FILTER (cluster_id IS NULL),"
             " count(*) FILTER (cluster_id IS NULL AND (reason IS NULL OR cluster_name <> 'unclassified')),"
             " count(*) FILTER (next_distance < distance - 1e-4) FROM clusters")[0]
counts = [int(c) for c in counts]
everybody = int(sql(lake, "SELECT count(*) FROM traders")[0][0])
equal((counts[0], counts[1], counts[3], counts[4]), (everybody, everybody, 0, 0),
      "table: one row a trader; who is left out has a reason; nobody is nearer to another centre")
left_out = int(sql(lake, "SELECT count(*) FROM traders WHERE fill_count <= 10 OR order_count < 5")[0][0])
check(left_out <= counts[2] <= left_out + 5, "table: left out are those with 10 fills or fewer, or fewer than 5 orders, and protocol accounts", (left_out, counts))
# --- in words and numbers ---
summary = json.loads((lake / outputs[0]).read_text())
members = sql(lake, "SELECT cluster_id, user_address FROM clusters WHERE cluster_id IS NOT NULL ORDER BY cluster_id, distance, user_address")
nearest = {c["id"]: [a for i, a in members if int(i) == c["id"]] for c in summary["clusters"]}
equal([c["typical_members"] for c in summary["clusters"]], [nearest[c["id"]][:5] for c in summary["clusters"]],
      "typical members: the five that are nearest to the centre")
openings = {}
for table in ("episodes", "positions"):
    for user, hour, day in sql(lake, f"SELECT user_address, hour(open_time), isodow(open_time) FROM {table} WHERE NOT left_censored"):
        openings.setdefault(user, []).append((int(hour), int(day) - 1))
for c in summary["clusters"]:
    seen = [openings[a] for a in nearest[c["id"]][:200] if a in openings]
    hours = np.mean([np.bincount([h for h, _ in o], minlength=24) / len(o) for o in seen], axis=0)
    days = np.mean([np.bincount([d for _, d in o], minlength=7) / len(o) for o in seen], axis=0)
    equal(c["opening_members"], len(seen), f"{c['name']}: of {len(seen)} typical members openings were seen")
    close(c["opening_hours"], hours, 1e-4, f"{c['name']}: hours of the day")
    close(c["opening_weekdays"], days, 1e-4, f"{c['name']}: days of the week")
    busiest = max(range(24), key=lambda h: round(sum(hours[(h + i) % 24] for i in range(8)), 9))
    check(f"from {busiest:02}:00 to {(busiest + 8) % 24:02}:00 UTC" in c["when_they_trade"], f"{c['name']}: the busiest eight hours in words", c["when_they_trade"])
figures = sql(lake, """SELECT median(1e4 * realized_pnl / volume), median(1e4 * fees_paid / volume), median(win_rate),
    median(long_open_notional / nullif(long_open_notional + short_open_notional, 0)), median(gross_profit / winning_fills / (gross_loss / losing_fills)) FILTER (winning_fills > 0 AND losing_fills > 0),
    median(loss_cut_speed / winner_hold_time), median(taker_markout_bps_5m), avg(CAST(liquidation_count > 0 AS INT)), median(maker_pct), avg(CAST(net_pnl > 0 AS INT))
    FROM clusters JOIN traders USING (user_address) WHERE cluster_id IS NOT NULL GROUP BY cluster_id ORDER BY cluster_id""")
for c, row in zip(summary["clusters"], figures):
    m = c["medians"]
    found = [m["gross_bps"], m["fee_bps"], m["win_rate"], m["long_share"], m["payoff"], m["losers_held_to_winners"], m["markout_bps_5m"], c["liquidated_share"]]
    close(np.array(found, float), np.array([float(v) if v not in (None, "") else np.nan for v in row[:8]]), 1e-6, f"{c['name']}: how they earn, as by SQL")
    check(f"{100 * float(row[8]):.0f} % of fills made" in c["what_they_do"] and f"{100 * float(row[9]):.0f} % are in profit" in c["how_they_earn"],
          f"{c['name']}: the same in words", (c["what_they_do"], c["how_they_earn"]))
terminal = result.stdout.decode()
check(all(c[key] in terminal for c in summary["clusters"] for key in ("what_they_do", "when_they_trade", "how_they_earn"))
      and all(a in terminal for c in summary["clusters"] for a in c["typical_members"]), "the terminal says the same words", terminal[:3000])
table_words = sql(lake, "SELECT what_they_do, when_they_trade, how_they_earn, typical_members FROM cluster_profiles ORDER BY cluster_id")
equal([[*row[:3], json.loads(row[3])] for row in table_words],
      [[c["what_they_do"], c["when_they_trade"], c["how_they_earn"], c["typical_members"]] for c in summary["clusters"]], "so does the table cluster_profiles")

report = vigil_json("cluster", "--lake", lake)
check(report["followed"] and all(c["carried_over"] and c["moved_radii"] < 1e-6 for c in report["clusters"]), "again: ids and names are carried over, nothing moved")
equal(report["agreement_rand"], 1, "again: the groups of the run before")
frozen = vigil_json("cluster", "--lake", lake, "--model", lake / outputs[1])
equal(sql(lake, "SELECT user_address, cluster_id, cluster_name FROM clusters ORDER BY 1"), [[a, i, n] for a, i, n, *_ in first],
      "by the model of the same window: everybody is where he was")
other, _ = lake_of("other", 200000, 1500, seed=10)
frozen = vigil_json("cluster", "--lake", other, "--model", lake / outputs[1])
check(frozen["frozen"] and frozen["clustered"] == sum(c["traders"] for c in frozen["clusters"]) and frozen["model_as_of"] == report["as_of"],
      "by the model of another market: all are placed")

# --- whatever the scaling, everybody is called something for himself ---
ARCHETYPE = "SELECT user_address, archetype, archetype_score FROM clusters WHERE cluster_id IS NOT NULL ORDER BY 1"
vigil("cluster", "--lake", other, "--scaling", "standard", "--no-map")
fitted = sql(other, ARCHETYPE)
vigil("cluster", "--lake", other, "--model", other / outputs[1], "--no-map")
equal(sql(other, ARCHETYPE), fitted, "standard scaling, placed by its model: what each is called for himself is the same")
check(all(archetype for _, archetype, _ in fitted), "... and there for everybody")

# --- hours that the data do not cover ---
for path in hour_files(TMP / "other"):
    if path.parent.name == "20260501" and 9 <= int(path.stem) <= 14:
        (TMP / "noon/node_fills_by_block/hourly/20260501").mkdir(parents=True, exist_ok=True)
        (TMP / "noon/node_fills_by_block/hourly/20260501" / path.name).symlink_to(path)
vigil("fetch", TMP / "noon", "--lake", TMP / "noon.lake")
vigil("features", "--lake", TMP / "noon.lake")
noon = vigil_json("cluster", "--lake", TMP / "noon.lake", "--model", lake / outputs[1], "--no-map")
equal({c["when_they_trade"] for c in noon["clusters"] if c["traders"]}, {"too little is covered to tell when: 6 of the 24 hours of the day"},
      "six hours of one day: nobody is said to trade at certain hours")

# --- what cannot be done says so ---
model = (lake / outputs[1]).read_text()
for text, what in (("", "empty"), (model[: len(model) // 2], "half"), ("[1]", "no model"), (model.replace("ln_volume", "ln_x"), "other columns"),
                   (model.replace('"version": 1', '"version": 99'), "another version"), (model.replace("deviation\": ", "deviation\": -"), "negative deviation")):
    bad = write(TMP / "bad.json", text.encode())
    result = vigil("cluster", "--lake", other, "--model", bad, code=1)
    check(b"bad.json" in result.stderr and result.stderr.count(b"\n") <= 2, f"a model that is {what}: refused by name", result.stderr)
vigil("cluster", "--lake", lake, "--k", 1, code=2)
vigil("cluster", "--lake", lake, "--k", 33, code=2)
vigil("cluster", "--lake", lake, "--scaling", "none", code=2)
few, _ = lake_of("few", 3000, 20, seed=3)
result = vigil("cluster", "--lake", few, code=None)
check(result.returncode in (0, 1) and (result.returncode == 0 or b"longer window" in result.stderr), "20 traders: a clear answer", result.stderr)
result = vigil("cluster", "--lake", few, "--model", lake / outputs[1])
text = [line for line in result.stdout.decode().splitlines() if "typical:" in line]
check(any(line.count("0x") < 5 for line in text) and all(line == line.rstrip() for line in text), "clusters of fewer than five: no more than their members", text)
result = vigil("cluster", "--lake", few, "--k", 30, code=1)
check(b"300" in result.stderr and b"smaller --k" in result.stderr, "30 clusters of 20 traders: says how many it takes", result.stderr)
result = vigil("cluster", "--lake", TMP / "nowhere", code=1)
check(b"nowhere" in result.stderr, "no lake: says so", result.stderr)
finish()
