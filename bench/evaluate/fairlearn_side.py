"""fairlearn's side: `fairlearn_side.py FILE serve`, or `fairlearn_side.py FILE REPLICATES` for one whole run."""

import json
import sys
import time
from importlib.metadata import version

import pandas as pd
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import accuracy_score

from serve import serve

METRICS = {
    "accuracy": accuracy_score,
    "tpr": true_positive_rate,
    "fpr": false_positive_rate,
    "selectionRate": selection_rate,
}
LEVELS = [0.025, 0.5, 0.975]

# a categorical column is a quarter faster than one of strings
rows = pd.read_csv(sys.argv[1], dtype={"race": "category"})
truth, predicted, race = rows["y_true"].to_numpy(), rows["y_pred"].to_numpy(), rows["race"]


NOW = {"wall": time.perf_counter, "cpu": time.process_time}


def measure(replicates, clock):
    """Four metrics by race, with intervals unless there are no replicates; the seconds by one of two clocks."""
    resampling = {"n_boot": replicates, "ci_quantiles": LEVELS, "random_state": 0} if replicates else {}
    start = NOW[clock]()
    frame = MetricFrame(
        metrics=METRICS, y_true=truth, y_pred=predicted, sensitive_features=race, **resampling
    )
    seconds = NOW[clock]() - start
    told = {
        "seconds": seconds,
        "groups": frame.by_group.to_dict("index"),
        "difference": frame.difference().to_dict(),
        "ratio": frame.ratio().to_dict(),
    }
    if replicates:
        told["ends"] = [
            {
                "groups": frame.by_group_ci[end].to_dict("index"),
                "difference": frame.difference_ci()[end].to_dict(),
                "ratio": frame.ratio_ci()[end].to_dict(),
            }
            for end in (0, -1)
        ]
    return told


def versions():
    names = ("fairlearn", "scikit-learn", "pandas", "numpy")
    return {"Python": sys.version.split()[0], **{name: version(name) for name in names}}


if sys.argv[2] == "serve":
    serve({"measure": measure, "versions": versions})
else:
    print(json.dumps(measure(int(sys.argv[2]), "wall")))
