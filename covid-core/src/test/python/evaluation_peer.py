"""Figures of binary classification by scikit-learn and SciPy.

evaluation_peer.py goldens   writes the golden cases with their figures, as evaluation.json in src/test/resources holds them
evaluation_peer.py FILE      writes the figures of FILE's cases: [{"scores": [..], "labels": [..], "threshold": t}, ..]

DeLong's interval is computed here from its definition, all pairs compared one by one. What is undefined is null.
"""
import json
import math
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest, norm
from sklearn import metrics


def delong(scores, labels):
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = [[1.0 if p > n else 0.5 if p == n else 0.0 for n in negative] for p in positive]
    wins = np.array(wins)
    auc = wins.mean()
    if len(positive) < 2 or len(negative) < 2:
        return None
    variance = np.var(wins.mean(axis=1), ddof=1) / len(positive) + np.var(wins.mean(axis=0), ddof=1) / len(negative)
    # All placement values alike: 1e-17 is what rounding leaves of a variance of 0.
    if variance < 1e-15:
        return None
    half = norm.ppf(0.975) * math.sqrt(variance)
    return [max(0.0, auc - half), min(1.0, auc + half)]


def wilson(hits, total):
    if total == 0:
        return None
    interval = binomtest(int(hits), int(total)).proportion_ci(0.95, method="wilson")
    return [hits / total, interval.low, interval.high]


def figures(case):
    scores = np.array(case["scores"], dtype=np.float32)
    labels = np.array(case["labels"])
    called = (scores >= np.float32(case["threshold"])).astype(int)
    tn, fp, fn, tp = (int(v) for v in metrics.confusion_matrix(labels, called, labels=[0, 1]).ravel())
    both = 0 < labels.sum() < len(labels)
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    wide = scores.astype(np.float64)
    probabilities = np.stack([1 - wide, wide], axis=1)
    return {
        "confusion": [tn, fp, fn, tp],
        "accuracy": wilson(tn + tp, len(labels)),
        "sensitivity": wilson(tp, tp + fn),
        "specificity": wilson(tn, tn + fp),
        "ppv": wilson(tp, tp + fp),
        "npv": wilson(tn, tn + fn),
        "f1": metrics.f1_score(labels, called) if tp + fp + fn else None,
        "auc": float(metrics.roc_auc_score(labels, scores)) if both else None,
        "aucInterval": delong(wide, labels) if both else None,
        "brier": float(metrics.brier_score_loss(labels, wide, pos_label=1)),
        "loss": float(metrics.log_loss(labels, probabilities, labels=[0, 1])),
        "fpr": [None if math.isnan(v) else float(v) for v in fpr],
        "tpr": [None if math.isnan(v) else float(v) for v in tpr],
        "thresholds": [float(v) for v in thresholds[1:]],
        "youden": float(thresholds[1 + np.argmax((tpr - fpr)[1:].round(12))]) if both else None,
    }


def golden_cases():
    random = np.random.default_rng(20)
    cases = {
        "one positive": ([0.7], [1]),
        "one negative, called positive": ([0.7], [0]),
        "two, separated": ([0.2, 0.8], [0, 1]),
        "two, the wrong way": ([0.8, 0.2], [0, 1]),
        "two alike": ([0.5, 0.5], [0, 1]),
        "all alike": ([0.25] * 7, [0, 1, 1, 0, 1, 0, 0]),
        "no positive": ([0.1, 0.6, 0.3], [0, 0, 0]),
        "no negative": ([0.1, 0.6, 0.3], [1, 1, 1]),
        "a single positive": ([0.1, 0.6, 0.3, 0.4], [0, 0, 0, 1]),
        "separated": ([0.1, 0.2, 0.3, 0.7, 0.8], [0, 0, 0, 1, 1]),
        "interval cut off at 1": ([0.1, 0.2, 0.75, 0.7, 0.8, 0.9], [0, 0, 0, 1, 1, 1]),
        "interval cut off at 0": ([0.9, 0.8, 0.25, 0.3, 0.2, 0.1], [0, 0, 0, 1, 1, 1]),
        "none called positive": ([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]),
        "all called positive": ([0.6, 0.7, 0.8, 0.9], [0, 1, 0, 1]),
        "two equal Youden indices": ([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]),
    }
    for n, steps in ((40, 10), (60, 4), (101, 1 << 20)):
        labels = random.integers(0, 2, n)
        scores = np.floor(np.clip(random.normal(0.4 + 0.2 * labels, 0.2), 0.05, 0.95) * steps) / steps
        scores = np.clip(scores, 0.05, 0.95)
        cases[f"{n} cases, {steps} steps"] = (scores.tolist(), labels.tolist())
    return [
        {"name": name, "scores": [float(np.float32(s)) for s in scores], "labels": labels, "threshold": 0.5}
        for name, (scores, labels) in cases.items()
    ]


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1] != "goldens":
        with open(sys.argv[1]) as file:
            print(json.dumps([figures(case) for case in json.load(file)]))
        return
    cases = [dict(case, expected=figures(case)) for case in golden_cases()]
    versions = {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__}
    lines = ",\n".join(json.dumps(case) for case in cases)
    print('{"versions": %s,\n"cases": [\n%s\n]}' % (json.dumps(versions), lines))


main()
