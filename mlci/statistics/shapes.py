"""What two models said of the same examples, in the shapes that metrics need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci.statistics.encoding import Column
from mlci.statistics.paired import Bools, Floats, Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What one model said, by example."""

    prediction: Column | None = None
    scores: Mapping[str, Column] = field(default_factory=dict)
    """One column, or one for each class with the class as its key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Classes:
    """Labels and predictions as numbers of `names`."""

    names: tuple[Any, ...]
    label: Ints
    before: Ints
    after: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """True values and predicted ones."""

    label: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """Whether each example is positive, and how strongly each model says so; codes are in the order of the scores."""

    positive: Bools
    before: Floats
    after: Floats
    before_code: Ints
    after_code: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Probabilities:
    """The number of each example's class, and the probabilities of all classes: arrays of (examples, classes)."""

    label: Ints
    before: Floats
    after: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """How relevant each example is, how high each model puts it, and the number of the group that it is ranked in."""

    relevance: Floats
    before: Floats
    after: Floats
    group: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """True texts and predicted ones."""

    label: Column
    before: Column
    after: Column
