"""Metrics of predicted labels."""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap

from mlci.metrics import METRICS
from mlci.metrics.binary import hits, positive_label, truths
from mlci.metrics.scorer import PairedTest, Sample, Scorer

AVERAGES = {
    "macro": "each label counts alike",
    "micro": "each example counts alike",
    "weighted": "each label counts by how often it is true",
}


def accuracy(sample: Sample) -> float:
    """Share of examples whose label was predicted."""
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(sample.truth, sample.predicted))


def balanced_accuracy(sample: Sample) -> float:
    """Mean over the labels of the share that was found, so that a rare label counts as much as a common one."""
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(sample.truth, sample.predicted))


def matthews_corrcoef(sample: Sample) -> float:
    """Matthews correlation of true and predicted labels: 1 is perfect, 0 is chance."""
    from sklearn.metrics import matthews_corrcoef as compute

    return float(compute(sample.truth, sample.predicted))


def cohen_kappa(sample: Sample) -> float:
    """Cohen's kappa: agreement of true and predicted labels beyond chance."""
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(sample.truth, sample.predicted))


def precision(sample: Sample) -> float:
    """Share of the examples predicted to be positive that are; 0 when none was."""
    return _binary("precision", sample)


def recall(sample: Sample) -> float:
    """Share of the positive examples that were found."""
    return _binary("recall", sample)


def f1(sample: Sample) -> float:
    """Harmonic mean of precision and recall of the positive label."""
    return _binary("f1", sample)


def jaccard(sample: Sample) -> float:
    """Positive examples that were found, as a share of all that are positive or were predicted to be."""
    return _binary("jaccard", sample)


def correct(sample: Sample) -> tuple[int, int]:
    """Count the right predictions, out of all."""
    return sum(starmap(lambda true, said: true == said, zip(sample.truth, sample.predicted, strict=True))), len(
        sample.truth
    )


def found(sample: Sample) -> tuple[int, int]:
    """Count the positive examples that were found, out of all positive ones."""
    positive = positive_label(sample, multiclass="recall_macro")
    true = truths(sample, positive)
    return sum(map(_both, true, hits(sample, positive))), sum(true)


def rightly(sample: Sample) -> tuple[int, int]:
    """Count the positive predictions that are right, out of all positive ones."""
    positive = positive_label(sample, multiclass="precision_macro")
    predicted = hits(sample, positive)
    return sum(map(_both, truths(sample, positive), predicted)), sum(predicted)


def _both(one: bool, other: bool) -> bool:  # noqa: FBT001 - a pair of truths
    return one and other


def _binary(name: str, sample: Sample) -> float:
    positive = positive_label(sample, multiclass=f"{name}_macro, {name}_micro or {name}_weighted")
    return _score(name)(truths(sample, positive), hits(sample, positive), zero_division=0)


def _averaged(name: str, average: str, meaning: str) -> Callable[[Sample], float]:
    def compute(sample: Sample) -> float:
        return _score(name)(sample.truth, sample.predicted, average=average, zero_division=0)

    compute.__doc__ = f"{name.capitalize()} over all labels, where {meaning}."
    return compute


def _score(name: str) -> Callable[..., float]:
    from sklearn import metrics

    return getattr(metrics, f"{name}_score")  # type: ignore[no-any-return]


for _name, _compute, _counts, _span in (
    ("accuracy", accuracy, correct, 1),
    ("balanced_accuracy", balanced_accuracy, None, 1),
    ("matthews_corrcoef", matthews_corrcoef, None, 2),
    ("cohen_kappa", cohen_kappa, None, 2),
    ("precision", precision, rightly, 1),
    ("recall", recall, found, 1),
    ("f1", f1, None, 1),
    ("jaccard", jaccard, None, 1),
):
    _of_positive = _name in ("precision", "f1", "jaccard")
    _test = PairedTest("classification", "of_positive" if _of_positive else _name, (_name,) if _of_positive else ())
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_compute,
            higher_is_better=True,
            needs="labels",
            paired=_test,
            counts=_counts,
            span=_span,
        ),
    )

for _name in ("precision", "recall", "f1", "jaccard"):
    for _average, _meaning in AVERAGES.items():
        _full = f"{_name}_{_average}"
        METRICS.register(
            _full,
            Scorer(
                name=_full,
                compute=_averaged(_name, _average, _meaning),
                higher_is_better=True,
                needs="labels",
                paired=PairedTest("classification", "averaged", (_name, _average)),
                span=1,
            ),
        )
