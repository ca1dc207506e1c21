#!/usr/bin/env -S python3 -B
"""The map of traders: neighbours against brute force, UMAP's graph against the paper's formulas in numpy, quality
against scikit-learn's own measure, the same bits for any number of threads, no harm from degenerate input."""

from e2e import TMP, check, equal, finish, simulate, skip, sql, vigil, vigil_json

try:
    import numpy as np
    from sklearn.manifold import trustworthiness
except ImportError as problem:
    skip(f"{problem}: ./dev setup installs it")

from learn_tool import PLAIN, close, tool

rng = np.random.default_rng(8)


def squares(x):
    """Squared distances, as sums of floats in the order of dimensions; infinite to oneself."""
    d2 = np.zeros((len(x), len(x)), np.float32)
    for column in x.T:
        t = column[:, None] - column[None, :]
        d2 += t * t
    np.fill_diagonal(d2, np.inf)
    return d2


def groups(n, d, spread=1.5):
    return ((rng.normal(size=(6, d)) * spread)[rng.integers(6, size=n)] + rng.normal(size=(n, d))).astype(np.float32)


# --- neighbours ---
crowd = groups(1500, 12)
crowd[100:600] = crowd[7]  # 500 equal rows: ties
grid = np.array([[i % 30, i // 30] for i in range(900)], np.float32)
for x, k, what in ((groups(3000, 12), 15, "3000 × 12"), (crowd, 15, "500 equal rows"), (grid, 8, "a grid"),
                   (groups(17, 3), 16, "17 points, 16 neighbours"), (groups(2, 2), 1, "2 points"), (np.zeros((300, 2), np.float32), 5, "300 equal points")):
    wanted = np.argsort(squares(x), axis=1, kind="stable")[:, :k]
    for every in (1, 7):
        found, raw = tool("neighbours", x, *x.shape, k, every, 2)
        equal(np.array(found["ids"]).reshape(-1, k).tolist(), wanted[::every].tolist(), f"neighbours, {what}, every {every}: those of brute force, ties by number")
    equal(tool("neighbours", x, *x.shape, k, 7, 1, program=PLAIN)[1], raw, f"neighbours, {what}: the same for 1 thread without AVX2")


# --- the graph ---
def fuzzy(x, epochs):
    """UMAP's fuzzy simplicial set, dense, in doubles."""
    d = np.sqrt(squares(x).astype(float))
    n, k = len(x), min(14, len(x) - 1)
    near = np.argsort(d, axis=1, kind="stable")[:, :k]
    values = np.take_along_axis(d, near, axis=1)
    one_way = np.zeros((n, n))
    for i in range(n):
        above = values[i][values[i] > 0]
        rho = above[0] if len(above) else 0
        low, high = 0, 1e12
        for _ in range(200):  # ∑ exp(-(d - ρ) / σ) = log2 15
            sigma = (low + high) / 2
            if np.exp(-np.maximum(values[i] - rho, 0) / sigma).sum() > np.log2(15):
                high = sigma
            else:
                low = sigma
        sigma = max(sigma, 1e-3 * (values[i].sum() / (k + 1) if rho > 0 else values.sum() / (n * (k + 1))))
        one_way[i, near[i]] = np.exp(-np.maximum(values[i] - rho, 0) / sigma)
    both = one_way + one_way.T - one_way * one_way.T
    both /= both.max()
    return np.where(both < 1 / epochs, 0, both)


for x, what in ((groups(700, 12), "700 × 12"), (groups(400, 2, 9), "400 × 2")):
    found, raw = tool("graph", x, *x.shape, 200, 2)
    matrix = np.zeros((len(x), len(x)))
    matrix[found["from"], found["to"]] = found["weights"]
    wanted = fuzzy(x, 200)
    differ = np.abs(matrix - wanted)
    differ[(np.maximum(matrix, wanted) < 1 / 200 + 1e-4)] = 0  # on the border of what is left out
    check(differ.max() < 1e-4 and np.count_nonzero(matrix) > 14 * len(x), f"graph, {what}: {np.count_nonzero(matrix)} weights as by the formulas, off by {differ.max():.1e}")
    check(np.abs(matrix - matrix.T).max() == 0, f"graph, {what}: symmetric")
    equal(tool("graph", x, *x.shape, 200, 1)[1], raw, f"graph, {what}: the same bits for 1 and 2 threads")

# --- the map ---
for n, floor in ((400, 0.9), (1900, 0.93)):
    x = groups(n, 12)
    found, raw = tool("map", x, n, 12, 0, 2)
    places = np.array(found["places"], np.float32).reshape(-1, 2)
    close(found["trustworthiness"], trustworthiness(x, places, n_neighbors=15), 1e-6, f"{n} points: trustworthiness {found['trustworthiness'][0]:.3f}, as scikit-learn measures it")
    close(found["continuity"], trustworthiness(places, x, n_neighbors=15), 1e-6, f"{n} points: continuity {found['continuity'][0]:.3f}, as scikit-learn measures it")
    axes = trustworthiness(x, x[:, :2], n_neighbors=15)
    check(found["trustworthiness"][0] > floor, f"{n} points: better than {floor} (two columns as they are: {axes:.3f})")
    equal(tool("map", x, n, 12, 0, 1)[1], raw, f"{n} points: the same bits for 1 and 2 threads")
    equal(tool("map", x, n, 12, 0, 3, program=PLAIN)[1], raw, f"{n} points: the same bits without AVX2 and 3 threads")
again = np.array(tool("map", x, n, 12, 0, 2, places)[0]["places"]).reshape(-1, 2)
size = places.std()
check(np.median(np.linalg.norm(again - places, axis=1)) < size, "drawn again from the last map: most stay where they were")
partly = places.copy()
partly[::10] = np.nan
kept = np.array(tool("map", x, n, 12, 1, 2, partly)[0]["places"], np.float32).reshape(-1, 2)
old = np.isfinite(partly[:, 0])
check(np.array_equal(kept[old], places[old]), "kept: who was there has not moved")
check(np.median(np.linalg.norm(kept[~old] - places[~old], axis=1)) < size / 5, "kept: newcomers find the places that they had with all the others")

for x, what in ((np.zeros((500, 3), np.float32), "500 equal points"), (crowd, "500 equal among 1500"), (groups(1, 2), "1 point"), (groups(2, 2), "2 points"),
                (groups(9, 12), "9 points"), (np.hstack([groups(300, 1), np.ones((300, 1), np.float32)]), "a constant column"), (groups(300, 2, 1e6), "far apart")):
    places = np.array(tool("map", x, *x.shape, 0, 2)[0]["places"])
    check(len(places) == 2 * len(x) and np.isfinite(places).all(), f"{what}: everybody has a finite place")
    kept = np.array(tool("map", x, *x.shape, 1, 2, np.full((len(x), 2), np.nan, np.float32))[0]["places"])
    check(np.array_equal(places, kept), f"{what}: a last map with nobody on it is none")

# --- the command ---
lake = TMP / "lake"
vigil("fetch", simulate("market", 100000, 800, seed=4), "--lake", lake)
vigil("features", "--lake", lake)
MAP = "SELECT user_address, cluster_id, map_x, map_y FROM clusters ORDER BY user_address"
report = vigil_json("cluster", "--lake", lake, "--threads", 1)
first = sql(lake, MAP)
check(all((c is None) == (x is None) == (y is None) for _, c, x, y in first), "the table: who is in a cluster is on the map")
check(report["map"]["traders"] == report["clustered"] and 0.8 < report["map"]["trustworthiness"] < 1 and report["map"]["on_the_map_before"] == 0,
      "the summary tells how far to trust it", report["map"])
vigil("cluster", "--lake", lake, "--threads", 3, "--fresh")
equal(sql(lake, MAP), first, "1 and 3 threads: the same map")
kept = vigil_json("cluster", "--lake", lake, "--keep-map")
equal(sql(lake, MAP), first, "--keep-map with nobody new: the same map")
equal(kept["map"]["on_the_map_before"], report["clustered"], "... and all were on it")
equal(vigil_json("cluster", "--lake", lake, "--no-map")["map"], None, "--no-map: none in the summary")
equal([row for row in sql(lake, MAP) if row[2:] != [None, None]], [], "... and none in the table")
vigil("cluster", "--lake", lake, "--keep-map", "--fresh", code=2)
finish()
