"""Paired metrics of predicted labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlci.metrics.paired.averages import BALANCED, KAPPA, MATTHEWS, RATIOS, macro, micro, of_class, weighted
from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.paired import Bools, Floats, share_evidence
from mlci.statistics.tables import Table, TableMetric, influence, shares, table_evidence

AVERAGES = {"macro": macro, "micro": micro, "weighted": weighted}
ACCURACIES = {("precision", "micro"), ("recall", "micro"), ("f1", "micro"), ("recall", "weighted")}
"""Averages that are the accuracy, whatever the examples."""


def accuracy(part: Part) -> Measured:
    """Share of examples whose label was predicted: mid-p McNemar."""
    return _share(part, lambda table: np.ones(len(table.label), dtype=bool))


def recall(part: Part) -> Measured:
    """Share of the positive examples that were found: mid-p McNemar on these."""
    positive = part.examples.positive_code
    return _share(part, lambda table: table.label == positive)


def balanced_accuracy(part: Part) -> Measured:
    """Mean over the labels of the share that was found: influence function, or swap permutation."""
    return _from_table(part, BALANCED)


def cohen_kappa(part: Part) -> Measured:
    """Cohen's kappa, agreement beyond chance: influence function, or swap permutation."""
    return _from_table(_of_several_labels(part), KAPPA)


def matthews_corrcoef(part: Part) -> Measured:
    """Matthews correlation of labels and predictions: influence function, or swap permutation."""
    return _from_table(_of_several_labels(part), MATTHEWS)


def _of_several_labels(part: Part) -> Part:
    """Refuse examples of one label, where agreement beyond chance is 0 whatever is predicted."""
    if len(np.unique(part.table.label)) < 2:  # noqa: PLR2004 - several
        raise NotMeasurableError(f"all {len(part)} examples have one label")
    return part


def _share(part: Part, counted: Callable[[Table], Bools]) -> Measured:
    table = part.table
    among = counted(table)
    then, now = table.before == table.label, table.after == table.label
    n = int(table.count[among].sum())
    if n == 0:
        raise NotMeasurableError("no example has the positive label")
    wrong, right = (int(table.count[among & changed].sum()) for changed in (then & ~now, now & ~then))
    before = int(table.count[among & then].sum())

    def of_examples() -> Floats:
        each = part.table_by_example
        lost = (each.before == each.label).astype(float) - (each.after == each.label)
        centred: Floats = np.where(counted(each), lost - (wrong - right) / n, 0.0) * (len(part) / n)
        return centred

    return Measured(
        baseline=before / n,
        candidate=(before - wrong + right) / n,
        higher_is_better=True,
        evidence=lambda: share_evidence(wrong, right, n),
        influence=of_examples,
    )


def _from_table(part: Part, measure: TableMetric) -> Measured:
    table = part.table
    before, after = (float(measure.value(shares(table, side))) for side in (table.before, table.after))

    def of_examples() -> Floats:
        each = part.table_by_example
        return influence(each, each.before, measure) - influence(each, each.after, measure)

    return Measured(
        baseline=before,
        candidate=after,
        higher_is_better=True,
        evidence=lambda: table_evidence(table, measure),
        influence=of_examples,
    )


def of_positive(part: Part, name: str) -> Measured:
    """Measure precision, recall, F1 or the Jaccard index of the positive label: influence function, or permutation."""
    positive = part.examples.positive_code
    if not (part.table.label == positive).any():
        raise NotMeasurableError("no example has the positive label")
    return _from_table(part, of_class(RATIOS[name], positive))


def averaged(part: Part, name: str, average: str) -> Measured:
    """Measure one of these over all labels: influence function, or permutation; mid-p McNemar where it is accuracy."""
    if (name, average) in ACCURACIES:
        return accuracy(part)
    return _from_table(part, AVERAGES[average](RATIOS[name]))
