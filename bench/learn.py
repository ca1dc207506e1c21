"""The other side of bench/learn.sh.

    learn.py make FILE N           n × 12 floats: six overlapping kinds of traders on 12 principal axes
    learn.py run FILE PLACES       scikit-learn and umap-learn on it; lines as bench_learn's; the map to PLACES
    learn.py trust FILE PLACES     trustworthiness of a map: 2000 points against all, k = 15, as map_quality.h samples
"""

import resource
import sys
import time

import numpy as np

D = 12


def make(path, n):
    rng = np.random.default_rng(1)
    shares = [0.04, 0.08, 0.15, 0.18, 0.35, 0.20]
    scale = 2.2 * 1.25 ** -np.arange(D)  # variances fall as those of real columns do
    centres = rng.normal(size=(6, D)) * scale * 0.8
    rows = centres[rng.choice(6, size=n, p=shares)] + rng.standard_t(6, size=(n, D)) * scale * 0.7
    rows.astype(np.float32).tofile(path)


def timed(name, work):
    before, clock = resource.getrusage(resource.RUSAGE_SELF), time.time()
    figure, result = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name} {cpu:.4f} {time.time() - clock:.4f} {figure:.9g}", flush=True)
    return result


def run(path, places):
    import umap
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    x = np.fromfile(path, np.float32).reshape(-1, D)

    def kmeans():
        fit = KMeans(6, n_init=10, random_state=1).fit(x)
        return fit.inertia_, fit.labels_

    labels = timed("kmeans", kmeans)
    if len(x) <= 50000:
        timed("silhouette", lambda: (silhouette_score(x, labels), None))
    umap.UMAP(n_epochs=2).fit(x[:5000])  # compiles; not counted
    map_ = timed("umap", lambda: (0, umap.UMAP(n_jobs=2).fit_transform(x)))
    map_.astype(np.float32).tofile(places)


def trust(path, places):
    x = np.fromfile(path, np.float32).reshape(-1, D).astype(float)
    y = np.fromfile(places, np.float32).reshape(-1, 2).astype(float)
    n, k, m = len(x), 15, min(len(x), 2000)
    penalty = 0
    for q in np.arange(m) * n // m:
        dx, dy = ((x - x[q]) ** 2).sum(axis=1), ((y - y[q]) ** 2).sum(axis=1)
        dx[q] = dy[q] = -1
        near = np.argpartition(dy, k)[: k + 1]
        ranks = (dx[None, :] < dx[near[near != q]][:, None]).sum(axis=1)
        penalty += np.maximum(ranks - k, 0).sum()
    print(f"{1 - 2 / (m * k * (2 * n - 3 * k - 1)) * penalty:.4f}")


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    {"run": run, "trust": trust}[sys.argv[1]](*sys.argv[2:4])
