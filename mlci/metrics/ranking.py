"""Metrics of rankings: examples come in groups, such as the documents of one query, each put in order by its score."""

from __future__ import annotations

from typing import Any

from mlci.errors import CannotRun
from mlci.metrics import METRICS
from mlci.metrics.binary import positive_label, scores
from mlci.metrics.scorer import PairedTest, Sample, Scorer


def ndcg(sample: Sample, *, k: int | None = None) -> float:
    """Normalised discounted cumulative gain of the first `k` of each group, by scikit-learn's rules: its mean."""
    return _mean("ndcg", sample, k=k)


def mrr(sample: Sample, *, k: int | None = None) -> float:
    """Mean reciprocal rank: 1 / place of a group's first relevant example, 0 beyond `k`; ties count against it."""
    return _mean("reciprocal_rank", sample, k=k)


def recall_at_k(sample: Sample, *, k: int = 10) -> float:
    """Share of a group's relevant examples among its first `k`: mean over the groups that have any."""
    return _mean("recall", sample, k=k)


def _mean(name: str, sample: Sample, **settings: Any) -> float:
    import numpy as np

    from mlci.metrics.paired import ranking
    from mlci.statistics.encoding import encode

    if sample.groups is None:
        raise CannotRun("is of groups, and there are none", fix="Name their column: `evaluate: {group: query}`.")
    groups = encode([np.asarray(sample.groups, dtype=object)])[1][0]
    said = np.asarray(_scores(sample), dtype=float)
    relevance = np.asarray(_relevance(sample), dtype=float)
    if relevance.min() < 0:
        raise CannotRun("cannot be computed: a label is below 0, and labels say how relevant an example is")
    values = getattr(ranking, name)(ranking.ranked(relevance, said, groups), **settings)
    if not len(values):
        raise CannotRun("is not defined: no example is relevant")
    return float(values.mean())


def _scores(sample: Sample) -> list[Any]:
    if sample.probabilities is None:
        if isinstance(sample.predicted[0], str):
            raise CannotRun("needs numbers to put examples in order, and there are texts")
        return list(sample.predicted)
    return scores(sample, positive_label(sample, multiclass="a model that gives numbers"))


def _relevance(sample: Sample) -> list[Any]:
    if not isinstance(sample.truth[0], str):
        return list(sample.truth)
    positive = positive_label(sample, multiclass="labels that are numbers")
    return [label == positive for label in sample.truth]


for _compute in (ndcg, mrr, recall_at_k):
    _name = _compute.__name__
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_compute,
            higher_is_better=True,
            needs="ranking",
            paired=PairedTest("ranking", f"{_name}_test"),
            settings=("k",),
            span=1,
        ),
    )
