"""Finding slices on one half of the rows and confirming them on the other, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlci.statistics.discovery.conditions import Condition, conditions_of, is_text, words_of
from mlci.statistics.discovery.confirm import confirmed
from mlci.statistics.discovery.search import penalty, search, standardised
from mlci.statistics.discovery.wording import rows_of, shortened
from mlci.statistics.encoding import Column
from mlci.statistics.paired import Bools, Floats, Ints

COPY = 0.8  # of the smaller slice's rows
PART = 0.3  # of all rows of both
ALMOST = 0.8  # a half may have fewer of a slice's rows than its share


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What is searched, and how."""

    features: Mapping[str, Column]
    conditions: tuple[Condition, ...]
    """Those that do not depend on the errors."""
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
    task = Task(features=features, conditions=conditions, errors=errors, min_size=min_size, max_depth=max_depth)
    order = np.random.default_rng(seed).permutation(len(errors))
    halves = (np.sort(order[: len(errors) // 2]), np.sort(order[len(errors) // 2 :]))
    found = [each for one, other in (halves, halves[::-1]) for each in _confirmed(task, one, other, level=level / 2)]
    return _without_copies(_in_best_words(task, found)) if found else []


def _picked(task: Task, rows: Ints) -> list[Found]:
    """Search on `rows` and return the slices that are large enough, best first, not yet tested."""
    known = list(task.conditions)
    for name, column in task.features.items():
        if is_text(column):
            known += words_of(name, column, rows, task.errors[rows], smallest=task.min_size)
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
    return Found(conditions=conditions, holds=inside, score=score - cost, choices=choices)


def _confirmed(task: Task, explore: Ints, test: Ints, *, level: float) -> list[Found]:
    """Search on `explore`, test on `test`, and return what is confirmed at `level`."""
    found = _picked(task, explore)
    values = confirmed([each.holds[test] for each in found], task.errors[test], level=level)
    pairs = zip(found, values, strict=True)
    return [replace(each, p_value=min(1.0, 2 * value)) for each, value in pairs if value <= level]


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
