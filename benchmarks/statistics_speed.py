"""Seconds and memory of the paired comparison and of the slice search, beside what people use instead.

    python benchmarks/statistics_speed.py [--rows 1000000]

Prints ratios to a bootstrap of one metric with scikit-learn (extrapolated from one resample), and to sliceline where it
is installed. Run it alone on the machine.
"""
# ruff: noqa: PLR2004 - a benchmark is made of numbers

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np

from mlci.model.slice_search import find_slices
from mlci.statistics import compare_predictions

METRICS = ("accuracy", "f1", "f1_macro", "precision", "recall", "balanced_accuracy", "matthews_corrcoef", "roc_auc")
METRICS += ("log_loss", "average_precision")
RESAMPLES = 1_000


def frames(rows: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Draw predictions before and now, with two columns of ten slices each."""
    random = np.random.default_rng(0)
    label = random.integers(0, 2, rows)
    before = np.where(random.random(rows) < 0.1, 1 - label, label)
    after = np.where(random.random(rows) < 0.05, 1 - before, before)
    score = before / 2 + random.random(rows) / 2
    shared = {
        "id": np.arange(rows),
        "label": label,
        "region": random.integers(0, 10, rows),
        "tag": random.choice(np.asarray(list("abcdefghij"), dtype=object), rows),
    }
    moved = np.clip(score + random.normal(0, 0.05, rows), 0, 1)
    return {**shared, "prediction": before, "score": score}, {**shared, "prediction": after, "score": moved}


def compare(rows: int) -> None:
    """Ten metrics on all examples and twenty slices."""
    from sklearn.metrics import f1_score

    before, now = frames(rows)
    compare_predictions(*({k: v[:1000] for k, v in side.items()} for side in (before, now)), metrics=METRICS)
    start, busy = time.perf_counter(), time.process_time()
    found = compare_predictions(before, now, metrics=METRICS, slices=["region", "tag"])
    ours, busy = time.perf_counter() - start, time.process_time() - busy
    chosen = np.random.default_rng(1).integers(0, rows, rows)
    start = time.perf_counter()
    f1_score(before["label"][chosen], before["prediction"][chosen])
    f1_score(now["label"][chosen], now["prediction"][chosen])
    bootstrap = (time.perf_counter() - start) * RESAMPLES
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    what = f"{rows:,} rows x {len(METRICS)} metrics x 20 slices ({len(found.gates)} gates)"
    print(f"{what}: {ours:.2f} s ({busy:.2f} s of CPU), {peak:.2f} GB")
    print(f"scikit-learn, F1 alone, {RESAMPLES:,} resamples: {bootstrap:.0f} s = {bootstrap / ours:.0f} times as long")


def search(rows: int = 15_000) -> None:
    """Thirteen features, as deep as two conditions."""
    random = np.random.default_rng(2)
    features = {f"c{i}": random.choice(np.asarray(list("abcdefghij"), dtype=object), rows) for i in range(13)}
    errors = (random.random(rows) < np.where(features["c0"] == "a", 0.2, 0.1)).astype(int)
    find_slices({k: v[:500] for k, v in features.items()}, errors[:500], min_size=20)
    start = time.perf_counter()
    found = find_slices(features, errors, min_size=100, max_depth=2)
    ours = time.perf_counter() - start
    print(f"{rows:,} x 13 slice search: {ours:.2f} s, found {[each.name for each in found]}")
    try:
        from sliceline.slicefinder import Slicefinder
    except ImportError:
        print("sliceline is not installed: no ratio")
        return
    start = time.perf_counter()
    codes = np.stack(
        [np.unique(column.astype(str), return_inverse=True)[1] + 1 for column in features.values()], axis=1
    )
    Slicefinder(alpha=0.9, k=5, max_l=2, min_sup=100, verbose=False).fit(codes, errors)
    theirs = time.perf_counter() - start
    print(f"sliceline at the same depth: {theirs:.2f} s = {theirs / ours:.1f} times as long")


def main(arguments: list[str]) -> int:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    compare(options.rows)
    search()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
