"""The side of scikit-learn: `sklearn_side.py ROWS.f32 WIDTH`."""

import sys
from importlib.metadata import version

import numpy as np
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA

from serve import serve
from timing import NOW

rows = np.fromfile(sys.argv[1], np.float32).reshape(-1, int(sys.argv[2]))


def timed(fit, clock):
    start = NOW[clock]()
    result = fit()
    return NOW[clock]() - start, result


def kmeans(clock, k, seed):
    seconds, found = timed(lambda: KMeans(k, n_init=10, random_state=seed).fit(rows), clock)
    return {"seconds": seconds, "inertia": float(found.inertia_), "iterations": int(found.n_iter_)}


def dbscan(clock, eps, minSamples):
    seconds, found = timed(lambda: DBSCAN(eps=eps, min_samples=minSamples, n_jobs=-1).fit(rows), clock)
    return {"seconds": seconds, "labels": found.labels_.tolist(), "core": len(found.core_sample_indices_)}


def pca(clock):
    model = PCA(2)
    seconds, _ = timed(lambda: model.fit_transform(rows), clock)
    return {"seconds": seconds, "share": model.explained_variance_ratio_.tolist()}


def versions():
    names = ("scikit-learn", "numpy", "scipy")
    return {"Python": sys.version.split()[0], **{name: version(name) for name in names}}


serve({"kmeans": kmeans, "dbscan": dbscan, "pca": pca, "versions": versions})
