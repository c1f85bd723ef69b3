"""The side of scikit-learn and umap-learn: `manifold_side.py ROWS D`, the rows as float32 numbers."""

import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")

import numpy as np
import umap
from sklearn.manifold import TSNE, trustworthiness

from serve import serve

NOW = {"wall": time.perf_counter, "cpu": time.process_time}
rows = np.fromfile(sys.argv[1], dtype=np.float32).reshape(-1, int(sys.argv[2]))
MAKERS = {
    "tsne": lambda: TSNE(random_state=42, n_jobs=-1),
    "umap": lambda epochs=None: umap.UMAP(random_state=42, n_jobs=1, n_epochs=epochs),
    "umap-unseeded": lambda epochs=None: umap.UMAP(n_jobs=-1, n_epochs=epochs),
}


def warm():
    """umap-learn compiles itself in the first fit of so many rows, which is no part of the comparison."""
    for kind in ("umap", "umap-unseeded"):
        MAKERS[kind](epochs=10).fit(rows)


def fit(kind, clock):
    maker = MAKERS[kind]()
    start = NOW[clock]()
    coordinates = maker.fit_transform(rows)
    seconds = NOW[clock]() - start
    kl = float(maker.kl_divergence_) if kind == "tsne" else None
    return {"seconds": seconds, "kl": kl, "coordinates": coordinates.astype(float).ravel().tolist()}


def trust(coordinates):
    return trustworthiness(rows.astype(float), np.array(coordinates).reshape(-1, 2), n_neighbors=10)


def versions():
    names = ("scikit-learn", "umap-learn", "numba", "numpy")
    return {"Python": sys.version.split()[0], **{name: version(name) for name in names}}


serve({"warm": warm, "fit": fit, "trust": trust, "versions": versions})
