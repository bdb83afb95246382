"""Paired metrics of predicted labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.metrics import METRICS, PairedMetric, metric
from mlci.statistics.metrics.averages import BALANCED, KAPPA, MATTHEWS, RATIOS, macro, micro, of_class, weighted
from mlci.statistics.paired import Bools, Floats, share_evidence
from mlci.statistics.tables import Table, TableMetric, influence, shares, table_evidence

AVERAGES = {
    "macro": (macro, "each label counts alike"),
    "micro": (micro, "each example counts alike"),
    "weighted": (weighted, "each label counts by how often it is true"),
}


@metric
def accuracy(part: Part) -> Measured:
    """Share of examples whose label was predicted: mid-p McNemar."""
    return _share(part, lambda table: np.ones(len(table.label), dtype=bool))


@metric
def recall(part: Part) -> Measured:
    """Share of the positive examples that were found: mid-p McNemar on these."""
    positive = part.examples.positive_code
    return _share(part, lambda table: table.label == positive)


@metric
def balanced_accuracy(part: Part) -> Measured:
    """Mean over the labels of the share that was found: influence function, or swap permutation."""
    return _from_table(part, BALANCED)


@metric
def cohen_kappa(part: Part) -> Measured:
    """Cohen's kappa, agreement beyond chance: influence function, or swap permutation."""
    return _from_table(_of_several_labels(part), KAPPA)


@metric
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


def _binary(name: str, doc: str) -> PairedMetric:
    def measure(part: Part) -> Measured:
        positive = part.examples.positive_code
        if not (part.table.label == positive).any():
            raise NotMeasurableError("no example has the positive label")
        return _from_table(part, of_class(RATIOS[name], positive))

    measure.__doc__ = doc
    return measure


def _averaged(name: str, average: str) -> PairedMetric:
    over, meaning = AVERAGES[average]
    table_metric = over(RATIOS[name])

    def measure(part: Part) -> Measured:
        return _from_table(part, table_metric)

    measure.__doc__ = f"{name.capitalize()} over all labels, where {meaning}: influence function, or swap permutation."
    return measure


METRICS.register("precision", _binary("precision", "Share of the positive predictions that are right."))
METRICS.register("f1", _binary("f1", "Harmonic mean of precision and recall of the positive label."))
METRICS.register("jaccard", _binary("jaccard", "Positives found, of all that are positive or predicted to be."))
for _name in ("precision", "recall", "f1", "jaccard"):
    METRICS.register(f"{_name}_macro", _averaged(_name, "macro"))
for _name in ("precision", "f1", "jaccard"):
    METRICS.register(f"{_name}_weighted", _averaged(_name, "weighted"))
for _name in ("precision_micro", "recall_micro", "f1_micro", "recall_weighted"):
    METRICS.register(_name, accuracy)
METRICS.register("jaccard_micro", _averaged("jaccard", "micro"))
