"""The examples that both models have predicted, and parts of them, in the shapes that metrics need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mlci.errors import UsageError, did_you_mean
from mlci.statistics.encoding import Column, as_floats, encode, kind_of, refuse_missing
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.paired import Bools, Floats, Ints
from mlci.statistics.ranking import codes_of
from mlci.statistics.shapes import Classes, Numbers, Probabilities, Ranking, Scores, Side, Texts
from mlci.statistics.tables import Table, joint_table

BINARY = 2


@dataclass(frozen=True, kw_only=True)
class Examples:
    """All examples, matched; each shape is made once, when a metric asks for it."""

    label: Column
    baseline: Side
    candidate: Side
    cluster: Column | None = None
    positive: Any = None
    """The label that binary metrics take for positive; the larger of two when left out."""
    prediction: str = "prediction"
    """The name of the column, for messages; likewise the next."""
    score: str = "score"
    group: Column | None = None
    """What examples are ranked within, as a query."""

    def __len__(self) -> int:
        return len(self.label)

    @cached_property
    def classes(self) -> Classes:
        """Labels and predictions as class numbers."""
        sides = (self._prediction(self.baseline), self._prediction(self.candidate))
        columns = (self.label, *sides)
        if len({kind_of(column) for column in columns}) > 1:
            raise UsageError(
                f"labels are {kind_of(self.label)}s, predictions {kind_of(sides[0])}s before and "
                f"{kind_of(sides[1])}s now: none could be right.",
                fix="Give all three one type.",
            )
        names, codes = encode(columns)
        return Classes(names=names, label=codes[0], before=codes[1], after=codes[2])

    @cached_property
    def positive_code(self) -> int:
        """The class number of the positive label."""
        names = self.classes.names
        if self.positive is None and len(names) > BINARY:
            raise UsageError(
                f"binary metrics are for two classes and there are {len(names)}.",
                fix="Use the _macro, _micro or _weighted metric, or name the positive label.",
            )
        positive = _positive(names, self.positive)
        if positive not in names:
            raise NotMeasurableError(f"no example has the positive label {positive!r}")
        return names.index(positive)

    @cached_property
    def numbers(self) -> Numbers:
        """True and predicted values."""
        return Numbers(
            label=as_floats(self.label, "label"),
            before=as_floats(self._prediction(self.baseline), f"{self.prediction} in the baseline"),
            after=as_floats(self._prediction(self.candidate), f"{self.prediction} in the candidate"),
        )

    @cached_property
    def scores(self) -> Scores:
        """Scores of the positive class."""
        names, (label,) = encode([self.label])
        if len(names) > BINARY and self.positive is None:
            raise UsageError(f"this metric is for two classes and there are {len(names)}.", fix="Use the _ovr metric.")
        positive = _positive(names, self.positive)
        before, after = (self._score(side, positive, name) for side, name in self._sides())
        is_positive = label == (names.index(positive) if positive in names else -1)
        return Scores(
            positive=is_positive, before=before, after=after, before_code=codes_of(before), after_code=codes_of(after)
        )

    @cached_property
    def probabilities(self) -> Probabilities:
        """Probabilities of every class that has a column."""
        refuse_missing(self.label, "label")
        known = tuple(self.candidate.scores)
        number = {name: index for index, name in enumerate(known)}
        labels = [str(value) for value in encode([self.label])[0]]
        if unknown := [name for name in labels if name not in number]:
            raise UsageError(
                f'no column of {self.score} is for the class "{unknown[0]}".', fix=_near(unknown[0], known)
            )
        codes = np.asarray([number[name] for name in labels])[encode([self.label])[1][0]]
        return Probabilities(
            label=codes, before=self._matrix(self.baseline, known), after=self._matrix(self.candidate, known)
        )

    @cached_property
    def ranking(self) -> Ranking:
        """Relevance, and the order that each model gives examples: by score, or by the predicted number."""
        if self.group is None:
            raise UsageError("metrics of rankings need the group of each example.", fix="Name its column: `group`.")
        refuse_missing(self.group, "group")
        scored = bool(self.candidate.scores) and bool(self.baseline.scores)
        sides = (self.scores.before, self.scores.after) if scored else (self.numbers.before, self.numbers.after)
        is_text = kind_of(self.label) == "text"
        relevance = self.scores.positive.astype(float) if is_text else as_floats(self.label, "label")
        group = encode([self.group])[1][0]
        return Ranking(relevance=relevance, before=sides[0], after=sides[1], group=group)

    @cached_property
    def texts(self) -> Texts:
        """True and predicted texts."""
        refuse_missing(self.label, "label")
        return Texts(label=self.label, before=self._prediction(self.baseline), after=self._prediction(self.candidate))

    @property
    def has_a_score_for_each_class(self) -> bool:
        """Whether scores came as one column for each class."""
        return "" not in self.candidate.scores and bool(self.candidate.scores)

    @cached_property
    def clusters(self) -> Ints | None:
        """The number of each example's cluster."""
        if self.cluster is None:
            return None
        refuse_missing(self.cluster, "cluster")
        return encode([self.cluster])[1][0]

    def changed(self) -> Bools:
        """Whether each example's prediction changed, or its score where there is no prediction."""
        pairs = [(self.baseline.prediction, self.candidate.prediction)]
        if pairs[0][0] is None or pairs[0][1] is None:
            pairs = [(old, self.candidate.scores[key]) for key, old in self.baseline.scores.items()]
        differs = [np.asarray(old != new, dtype=bool) for old, new in pairs if old is not None]
        return np.logical_or.reduce(differs) if differs else np.zeros(len(self), dtype=bool)

    def _sides(self) -> tuple[tuple[Side, str], tuple[Side, str]]:
        return (self.baseline, "baseline"), (self.candidate, "candidate")

    def _prediction(self, side: Side) -> Column:
        where = "baseline" if side is self.baseline else "candidate"
        if side.prediction is None:
            raise UsageError(f'the {where} has no column "{self.prediction}", and a metric needs it.')
        refuse_missing(side.prediction, f"{self.prediction} in the {where}")
        return side.prediction

    def _score(self, side: Side, positive: Any, where: str) -> Floats:
        column = side.scores.get("", side.scores.get(str(positive)))
        if column is None:
            raise UsageError(f'the {where} has no column "{self.score}", and a metric needs it.')
        return as_floats(column, f"{self.score} in the {where}")

    def _matrix(self, side: Side, known: tuple[str, ...]) -> Floats:
        return np.stack([as_floats(side.scores[name], self.score) for name in known], axis=1)


def _positive(names: tuple[Any, ...], given: Any) -> Any:
    if given is not None:
        return given
    if set(names) <= {0, 1}:
        return 1
    if len(names) == BINARY:
        return names[1]
    raise UsageError(f"the only label is {names[0]!r}, so that binary metrics have no positive.", fix="Name it.")


def _near(name: str, known: tuple[str, ...]) -> str:
    return did_you_mean(name, known) or f"There are {', '.join(known[:10])}."


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of the examples: a slice, or all of them where `rows` is None."""

    examples: Examples
    rows: Ints | None = None

    def __len__(self) -> int:
        return len(self.examples) if self.rows is None else len(self.rows)

    @cached_property
    def classes(self) -> Classes:
        """Labels and predictions of the part."""
        whole = self.examples.classes
        return Classes(
            names=whole.names,
            label=self.of(whole.label),
            before=self.of(whole.before),
            after=self.of(whole.after),
        )

    @cached_property
    def table(self) -> Table:
        """The joint table of label, prediction before and prediction now."""
        classes = self.classes
        return joint_table(classes.label, classes.before, classes.after, len(classes.names))

    @property
    def table_by_example(self) -> Table:
        """The same with a cell for each example, in order."""
        classes = self.classes
        ones = np.ones(len(self), dtype=np.int64)
        return Table(
            classes=len(classes.names), label=classes.label, before=classes.before, after=classes.after, count=ones
        )

    @cached_property
    def numbers(self) -> Numbers:
        """True and predicted values of the part."""
        whole = self.examples.numbers
        return Numbers(label=self.of(whole.label), before=self.of(whole.before), after=self.of(whole.after))

    @cached_property
    def scores(self) -> Scores:
        """Scores of the part."""
        whole = self.examples.scores
        return Scores(
            positive=self.of(whole.positive),
            before=self.of(whole.before),
            after=self.of(whole.after),
            before_code=self.of(whole.before_code),
            after_code=self.of(whole.after_code),
        )

    @cached_property
    def probabilities(self) -> Probabilities:
        """Probabilities of every class in the part."""
        whole = self.examples.probabilities
        return Probabilities(label=self.of(whole.label), before=self.of(whole.before), after=self.of(whole.after))

    @cached_property
    def ranking(self) -> Ranking:
        """Rankings of the part, each of the part's examples of one group."""
        whole = self.examples.ranking
        return Ranking(
            relevance=self.of(whole.relevance),
            before=self.of(whole.before),
            after=self.of(whole.after),
            group=self.of(whole.group),
        )

    @property
    def texts(self) -> Texts:
        """True and predicted texts of the part."""
        whole = self.examples.texts
        return Texts(label=self.of(whole.label), before=self.of(whole.before), after=self.of(whole.after))

    @cached_property
    def clusters(self) -> Ints | None:
        """The cluster of each example of the part."""
        whole = self.examples.clusters
        return None if whole is None else self.of(whole)

    def of(self, column: Any) -> Any:
        """Return the part's rows of an array over all examples."""
        return column if self.rows is None else column[self.rows]


PairedMetric = Callable[[Part], Measured]
"""Measures one metric of both sides."""
