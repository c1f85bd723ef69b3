"""The side of concept-erasure and scikit-learn: `erasers_side.py ROWS.npy LABELS.npy`."""

import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore", category=FutureWarning)

import numpy as np
import torch
from concept_erasure import LeaceEraser
from sklearn.decomposition import PCA

from serve import serve

NOW = {"wall": time.perf_counter, "cpu": time.process_time}
rows, labels = np.load(sys.argv[1]), np.load(sys.argv[2])[:, 0].astype(np.int64)
tensor = torch.from_numpy(rows)
one_hot = torch.nn.functional.one_hot(torch.from_numpy(labels)).to(tensor.dtype)


def leace(double=False):
    """The projection as concept-erasure fits it, in the rows' own float32 or in float64."""
    x, z = (tensor.double(), one_hot.double()) if double else (tensor, one_hot)
    return LeaceEraser.fit(x, z).P.double().numpy()


def pca(solver="covariance_eigh"):
    """Directions and explained variance of class-centred rows; scikit-learn's fastest solver for tall data."""
    means = np.stack([rows[labels == c].mean(0) for c in range(labels.max() + 1)])
    return PCA(svd_solver=solver).fit(rows - means[labels]).explained_variance_ratio_


def timed(fit, clock, **options):
    start = NOW[clock]()
    result = fit(**options)
    return NOW[clock]() - start, result


def measure_leace(clock, double=False):
    seconds, projection = timed(leace, clock, double=double)
    return {"seconds": seconds, "first": projection[0].tolist(), "trace": float(np.trace(projection))}


def measure_pca(clock):
    seconds, share = timed(pca, clock)
    return {"seconds": seconds, "share": share[:10].tolist()}


def versions():
    names = ("concept-erasure", "torch", "scikit-learn", "numpy")
    return {"Python": sys.version.split()[0], **{name: version(name) for name in names}}


serve({"leace": measure_leace, "pca": measure_pca, "versions": versions})
