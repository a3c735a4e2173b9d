"""The paired test of DeLong by its definition, all pairs compared one by one, with NumPy and SciPy.

delong_peer.py goldens   writes the golden cases with their figures, as delong.json in src/test/resources holds them
delong_peer.py FILE      writes the figures of FILE's cases: [{"first": [..], "second": [..], "labels": [..]}, ..]

What is undefined is null.
"""
import json
import math
import sys

import numpy as np
import scipy
from scipy.stats import norm


def wins(scores, labels):
    """Rows are positive cases, columns negative ones: 1 where the positive one has the higher score, a tie half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    return np.heaviside(positive[:, None] - negative[None, :], 0.5)


def figures(case):
    labels = np.array(case["labels"])
    undefined = dict.fromkeys(("aucs", "difference", "interval", "covariance", "z", "p"))
    if not 0 < labels.sum() < len(labels):
        return undefined
    pairs = [wins(np.array(case[name], dtype=np.float32).astype(np.float64), labels) for name in ("first", "second")]
    m, n = pairs[0].shape
    aucs = [float(w.mean()) for w in pairs]
    found = dict(undefined, aucs=aucs, difference=aucs[1] - aucs[0])
    if m == 1 or n == 1:
        return found
    s10 = np.cov([w.mean(axis=1) for w in pairs], ddof=1)
    s01 = np.cov([w.mean(axis=0) for w in pairs], ddof=1)
    s = s10 / m + s01 / n
    contrast = np.array([-1.0, 1.0])
    variance = float(contrast @ s @ contrast)
    found["covariance"] = float(s[0, 1])
    # 1e-17 is what rounding leaves of a variance of 0.
    if variance < 1e-15:
        if abs(found["difference"]) < 1e-12:
            found.update(z=0.0, p=1.0)
        return found
    sd = math.sqrt(variance)
    z = found["difference"] / sd
    half = norm.ppf(0.975) * sd
    interval = [max(-1.0, found["difference"] - half), min(1.0, found["difference"] + half)]
    found.update(interval=interval, z=z, p=float(2 * norm.sf(abs(z))))
    return found


def golden_cases():
    random = np.random.default_rng(14)
    cases = {
        "no positive": ([0.1, 0.6, 0.3], [0.2, 0.3, 0.4], [0, 0, 0]),
        "no negative": ([0.1, 0.6, 0.3], [0.2, 0.3, 0.4], [1, 1, 1]),
        "a single positive": ([0.1, 0.6, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0, 0, 0, 1]),
        "a single negative": ([0.1, 0.6, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [1, 1, 0, 1]),
        "the same scores": ([0.1, 0.6, 0.3, 0.4], [0.1, 0.6, 0.3, 0.4], [0, 1, 1, 0]),
        "the same ranking": ([0.1, 0.6, 0.3, 0.4], [0.2, 0.9, 0.4, 0.7], [0, 1, 1, 0]),
        "all alike in both": ([0.5] * 5, [0.25] * 5, [0, 1, 1, 0, 1]),
        "both separated": ([0.1, 0.2, 0.7, 0.8], [0.2, 0.1, 0.9, 0.6], [0, 0, 1, 1]),
        "separated, and turned round": ([0.1, 0.2, 0.7, 0.8], [0.8, 0.7, 0.2, 0.1], [0, 0, 1, 1]),
        "equal areas, other cases": ([0.1, 0.5, 0.4, 0.8], [0.5, 0.1, 0.8, 0.4], [0, 0, 1, 1]),
        "interval cut off at 1": ([0.6, 0.9, 0.7, 0.5, 0.8], [0.1, 0.2, 0.7, 0.8, 0.9], [0, 0, 1, 1, 1]),
    }
    for n, steps, shift in ((30, 8, 0.1), (64, 1 << 20, 0.0), (120, 50, 0.3)):
        labels = random.integers(0, 2, n)
        common = random.normal(0.35 + 0.2 * labels, 0.15)
        first, second = (common + random.normal(s * labels, 0.1) for s in (0.0, shift))
        rounded = [(np.floor(np.clip(s, 0.02, 0.98) * steps) / steps).tolist() for s in (first, second)]
        cases[f"{n} cases, {steps} steps"] = (*rounded, labels.tolist())
    return [
        {"name": name, "first": narrow(first), "second": narrow(second), "labels": labels}
        for name, (first, second, labels) in cases.items()
    ]


def narrow(scores):
    return [float(np.float32(s)) for s in scores]


def main():
    if sys.argv[1] != "goldens":
        with open(sys.argv[1]) as file:
            print(json.dumps([figures(case) for case in json.load(file)]))
        return
    cases = [dict(case, expected=figures(case)) for case in golden_cases()]
    versions = {"scipy": scipy.__version__, "numpy": np.__version__}
    lines = ",\n".join(json.dumps(case) for case in cases)
    print('{"versions": %s,\n"cases": [\n%s\n]}' % (json.dumps(versions), lines))


main()
