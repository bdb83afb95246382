"""Finding slices: on one half of the rows to confirm them on the other, both ways, and single conditions on all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlci.statistics.discovery.conditions import Condition, conditions_of, is_text
from mlci.statistics.discovery.confirm import confirmed
from mlci.statistics.discovery.search import PICKS, penalty, search, standardised
from mlci.statistics.discovery.whole import can_test, unusual
from mlci.statistics.discovery.wording import rows_of, shortened
from mlci.statistics.discovery.words import Words
from mlci.statistics.encoding import Column
from mlci.statistics.paired import Bools, Floats, Ints

COPY = 0.8  # of the smaller slice's rows
PART = 0.3  # of all rows of both
ALMOST = 0.8  # a half may have fewer of a slice's rows than its share
SINGLE = 0.5
"""Of the level, for single conditions on all rows; the rest is for slices of any length, found on half of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What is searched, and how."""

    conditions: tuple[Condition, ...]
    """Those of all columns but for words."""
    words: tuple[Words, ...]
    """Of each column of texts."""
    errors: Floats
    min_size: int
    max_depth: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One slice, tested or not."""

    conditions: tuple[Condition, ...]
    holds: Bools
    score: float
    """The square of its standardised excess of errors on all rows, less what its length costs."""
    choices: int
    """How many conditions there were to choose from."""
    is_weak: bool
    """Whether its mean error is larger than that of the rest: without the rows of others, it may have been."""
    p_value: float = 1.0

    @property
    def name(self) -> str:
        """Its conditions in words."""
        return " and ".join(condition.text for condition in self.conditions)


def find(
    features: Mapping[str, Column], errors: Floats, *, min_size: int, max_depth: int, level: float, seed: int
) -> list[Found]:
    """Return the confirmed slices, surest first; at most `level` is the chance of any where errors are noise."""
    if len(errors) < 2 * min_size or float(errors.var()) == 0:
        return []
    conditions = tuple(conditions_of(features, smallest=min_size))
    words = tuple(Words.of(name, column, smallest=min_size) for name, column in features.items() if is_text(column))
    task = Task(conditions=conditions, words=words, errors=errors, min_size=min_size, max_depth=max_depth)
    order = np.random.default_rng(seed).permutation(len(errors))
    halves = (np.sort(order[: len(errors) // 2]), np.sort(order[len(errors) // 2 :]))
    found, left = _single(task, level=level, seed=seed)
    for one, other in (halves, halves[::-1]):
        found += _confirmed(task, one, other, level=level, share=left / 2)
    return [each for each in _without_copies(_in_best_words(task, found)) if each.is_weak] if found else []


def _single(task: Task, *, level: float, seed: int) -> tuple[list[Found], float]:
    """Return the conditions that hold true on all rows, and the share of the level that is left for other slices."""
    known = [*task.conditions, *(condition for words in task.words for condition in words.common())]
    if not can_test(len(task.errors), len(known)):
        return [], 1.0
    holds = np.stack([each.holds for each in known], axis=1)
    each = unusual(holds, task.errors, smallest=task.min_size, level=level * SINGLE, most=PICKS, seed=seed)
    found = [
        replace(_found((known[one.condition],), task.errors, choices=len(known)), p_value=one.p_value / SINGLE)
        for one in each
    ]
    return found, 1 - SINGLE


def _picked(task: Task, rows: Ints) -> list[Found]:
    """Search on `rows` and return the slices that are large enough, best first, not yet tested."""
    of_texts = (condition for words in task.words for condition in words.going_with(task.errors, rows))
    known = [*task.conditions, *of_texts]
    if not known or float(task.errors[rows].var()) == 0:
        return []
    holds = np.stack([condition.holds[rows] for condition in known], axis=1)
    smallest = max(2, int(task.min_size * len(rows) / len(task.errors) * ALMOST))
    picks = search(holds, task.errors[rows], smallest=smallest, max_depth=task.max_depth)
    found = [_found(tuple(known[i] for i in pick), task.errors, choices=len(known)) for pick in picks]
    return [each for each in found if int(each.holds.sum()) >= task.min_size]


def _found(conditions: tuple[Condition, ...], errors: Floats, *, choices: int) -> Found:
    inside = rows_of(conditions)
    size, excess = np.asarray([inside.sum(), (errors[inside] - errors.mean()).sum()], dtype=float)[:, None]
    score = float(standardised(size, excess, n=len(errors), variance=float(errors.var()))[0]) ** 2
    cost = (len(conditions) - 1) * penalty(choices)
    weak = bool(excess[0] > 0)
    return Found(conditions=conditions, holds=inside, score=score - cost, choices=choices, is_weak=weak)


def _confirmed(task: Task, explore: Ints, test: Ints, *, level: float, share: float) -> list[Found]:
    """Search on `explore`, test on `test`, and return what is confirmed at its share of the level."""
    found = _picked(task, explore)
    values = confirmed([each.holds[test] for each in found], task.errors[test], level=level * share)
    pairs = zip(found, values, strict=True)
    return [replace(each, p_value=min(1.0, value / share)) for each, value in pairs if value <= level * share]


def _in_best_words(task: Task, found: Sequence[Found]) -> list[Found]:
    """Replace each confirmed slice by the best that all rows have about the same slice, in no more words than needed.

    This changes how a slice is told and not whether one is.
    """
    candidates = _picked(task, np.arange(len(task.errors)))
    named = []
    for each in found:
        same = (other for other in candidates if other.score > each.score and _about_the_same(each, other))
        best = next(same, each)
        short = shortened(best.conditions, task.errors, choices=best.choices)
        named.append(replace(_found(short, task.errors, choices=best.choices), p_value=each.p_value))
    return named


def _about_the_same(one: Found, other: Found) -> bool:
    common = int((one.holds & other.holds).sum())
    return _overlap(one, other) >= COPY and common >= PART * int((one.holds | other.holds).sum())


def _without_copies(found: Sequence[Found]) -> list[Found]:
    """Return the best of slices that share most of their rows, surest first."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (-one.score, one.p_value, len(one.conditions), one.name)):
        if not any(_overlap(each, other) >= COPY for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: (one.p_value, -one.score, one.name))


def _overlap(one: Found, other: Found) -> float:
    return float((one.holds & other.holds).sum()) / min(int(one.holds.sum()), int(other.holds.sum()))
