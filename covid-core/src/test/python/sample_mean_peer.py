"""Writes the goldens of SampleMeanTest: mean, standard deviation and Student-t interval by scipy."""

import json
import sys

import numpy as np
import scipy
from scipy import stats

SAMPLES = [
    [0.75, 0.8125],
    [0.91, 0.88, 0.935],
    [0.5, 1.0, 0.75, 0.625, 0.9375],
    [0.99, 0.985, 1.0, 0.995, 0.97, 0.9925, 0.98, 0.9875, 0.9975, 0.975],
    [0.1, 0.9],
    list(np.linspace(0.6, 0.7, 40)),
]


def golden(values):
    x = np.array(values)
    n = len(x)
    low, high = stats.t.interval(0.95, n - 1, loc=x.mean(), scale=stats.sem(x))
    return {"values": values, "mean": x.mean(), "sd": x.std(ddof=1), "low": low, "high": high}


json.dump(
    {
        "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
        "samples": [golden(s) for s in SAMPLES],
    },
    sys.stdout,
    indent=1,
)
print()
