"""Metrics of predicted probabilities."""

from __future__ import annotations

from collections.abc import Callable

from mlci.errors import CannotRun
from mlci.metrics import METRICS
from mlci.metrics.binary import both_classes, classes_of, positive_label, scores
from mlci.metrics.scorer import Label, PairedTest, Sample, Scorer

KINDS = {
    "ovr": ("ovr", "macro", "each label against the rest, labels counting alike"),
    "ovo": ("ovo", "macro", "each pair of labels, pairs counting alike"),
    "ovr_weighted": ("ovr", "weighted", "each label against the rest, weighted by how often it is true"),
    "ovo_weighted": ("ovo", "weighted", "each pair of labels, weighted by how often they are true"),
}


def roc_auc(sample: Sample) -> float:
    """Probability that a positive example gets a higher score than a negative one."""
    from sklearn.metrics import roc_auc_score

    positive = positive_label(sample, multiclass="roc_auc_ovr or roc_auc_ovo")
    return float(roc_auc_score(both_classes(sample, positive), scores(sample, positive)))


def average_precision(sample: Sample) -> float:
    """Area under the curve of precision against recall, by scikit-learn's step rule."""
    from sklearn.metrics import average_precision_score

    positive = positive_label(sample, multiclass="one model a label")
    return float(average_precision_score(both_classes(sample, positive), scores(sample, positive)))


def brier_score(sample: Sample) -> float:
    """Mean squared distance between the probability of the positive label and what is true (0 or 1)."""
    from sklearn.metrics import brier_score_loss

    positive = positive_label(sample, multiclass="log_loss")
    return float(brier_score_loss([label == positive for label in sample.truth], scores(sample, positive)))


def log_loss(sample: Sample) -> float:
    """Mean negative logarithm of the probability given to the true label."""
    from sklearn.metrics import log_loss as compute

    classes = classes_of(sample)
    rows = _matrix(sample, classes)
    if len(classes) == 1:
        raise CannotRun(f"is not defined: {classes[0]!r} is the only label")
    return float(compute(sample.truth, rows, labels=classes))


def expected_calibration_error(sample: Sample, *, bins: int = 10) -> float:
    """Mean distance between confidence and accuracy, over `bins` of equal width of the largest probability."""
    import numpy as np

    from mlci.metrics.paired.calibration import gaps, most_confident

    classes = classes_of(sample)
    rows = np.asarray(_matrix(sample, classes))
    labels = np.asarray([classes.index(label) for label in sample.truth])
    return gaps(*most_confident(rows, labels), bins)[0]


def _auc(strategy: str, average: str, meaning: str) -> Callable[[Sample], float]:
    def compute(sample: Sample) -> float:
        from sklearn.metrics import roc_auc_score

        classes = classes_of(sample)
        if len(classes) < 3:  # noqa: PLR2004 - scikit-learn's rule
            return roc_auc(sample)
        if missing := [label for label in classes if label not in set(sample.truth)]:
            raise CannotRun(f"is not defined: no example has the label {missing[0]!r}")
        rows = _matrix(sample, classes)
        return float(roc_auc_score(sample.truth, rows, multi_class=strategy, average=average, labels=classes))

    compute.__doc__ = f"Area under the ROC curve for many labels: {meaning}."
    return compute


def _matrix(sample: Sample, classes: list[Label]) -> list[list[float]]:
    try:
        return [[row[label] for label in classes] for row in sample.probabilities or ()]
    except KeyError as error:
        raise CannotRun(f"cannot be computed: a prediction gives no probability of {error.args[0]!r}") from None


for _compute, _higher in (
    (roc_auc, True),
    (average_precision, True),
    (brier_score, False),
    (log_loss, False),
    (expected_calibration_error, False),
):
    _name = _compute.__name__
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_compute,
            higher_is_better=_higher,
            needs="probabilities",
            paired=PairedTest("calibration" if _compute is expected_calibration_error else "probability", _name),
            settings=("bins",) if _compute is expected_calibration_error else (),
            span=None if _compute is log_loss else 1,
        ),
    )

for _kind, _how in KINDS.items():
    _name = f"roc_auc_{_kind}"
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_auc(*_how),
            higher_is_better=True,
            needs="probabilities",
            paired=PairedTest("probability", _name),
            span=1,
        ),
    )
