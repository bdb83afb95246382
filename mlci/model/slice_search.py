"""Finding the parts of the data where a model is weak, or where it got worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlci.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.statistics.discovery.conditions import Condition
    from mlci.statistics.encoding import Column
    from mlci.statistics.paired import Bools, Floats, Ints

COPY = 0.8  # of the smaller slice's rows
PART = 0.3  # of all rows of both
ALMOST = 0.8  # a half may have fewer of a slice's rows than its share


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """A part of the rows with more than its share of errors."""

    name: str
    """Its conditions in words, as `tag = mlops and length(text) < 60`."""
    sql: str
    """The same as a SQL expression (DuckDB), to declare the slice with."""
    n: int
    """Its rows."""
    error_rate: float
    """Mean error of its rows."""
    error_rate_outside: float
    """Mean error of all other rows."""
    adjusted_p_value: float
    """Corrected for every slice that was tested, from rows that had no part in finding it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    conditions: tuple[Condition, ...]
    holds: Bools
    p_value: float
    score: float


def find_slices(
    frame: Any,
    errors: Sequence[float] | Floats,
    *,
    min_size: int,
    false_alarm_rate: float = 0.05,
    max_depth: int = 2,
    seed: int = 0,
    columns: Sequence[str] | None = None,
) -> tuple[Slice, ...]:
    """Return the slices of `frame` whose mean error is larger than that of the rest, surest first.

    Slices are conjunctions of up to `max_depth` conditions: a category, a missing value, a range between deciles of a
    number, the length of a text, a word in it. They are searched on one half of the rows and tested on the other, then
    with the halves changed over. A slice that is confirmed is put in the words that fit all rows best, and of slices
    that share most of their rows one is kept. Where errors have nothing to do with the features, anything is reported
    with a probability of at most `false_alarm_rate`. The same arguments give the same answer.

    Args:
        frame: the features: a pandas, Polars or PyArrow frame, a DuckDB relation or a mapping of columns.
        errors: an error for each row: 0 or 1, a loss, or the loss now less the loss before, to find what got worse.
        min_size: the fewest rows of a slice.
        false_alarm_rate: the chance that anything is reported where there is nothing.
        max_depth: the most conditions of a slice.
        seed: decides which rows are in which half.
        columns: the features to look at; all when left out.

    Raises:
        UsageError: errors of another length than the frame, or not finite; arguments out of range.
        CannotRun: NumPy or SciPy is not installed.

    """
    try:
        import numpy as np
        import scipy.special  # noqa: F401 - needed below
    except ModuleNotFoundError as absent:
        raise CannotRun(
            f"finding slices needs {str(absent.name).partition('.')[0]}, which is not installed.",
            fix='pip install "mlci[model]"',
        ) from absent
    from mlci.statistics.frames import columns as read
    from mlci.statistics.frames import names_of

    features = read(frame, tuple(columns or names_of(frame)), where="frame")
    loss = _checked(errors, features, min_size=min_size, rate=false_alarm_rate, max_depth=max_depth)
    order = np.random.default_rng(seed).permutation(len(loss))
    halves = (np.sort(order[: len(loss) // 2]), np.sort(order[len(loss) // 2 :]))
    task = _Task(features=features, loss=loss, min_size=min_size, max_depth=max_depth)
    both_ways = (halves, halves[::-1])
    found = [each for one, other in both_ways for each in _confirmed(task, one, other, level=false_alarm_rate / 2)]
    named = _in_best_words(found, _picked(task, np.sort(order))) if found else []
    return tuple(_slice(each, loss) for each in _without_copies(named))


def _checked(
    errors: Sequence[float] | Floats, features: dict[str, Column], *, min_size: int, rate: float, max_depth: int
) -> Floats:
    import numpy as np

    from mlci.statistics.encoding import as_floats

    loss = as_floats(np.asarray(errors), "error")
    rows = {len(column) for column in features.values()}
    if rows != {len(loss)}:
        raise UsageError(f"{len(loss)} errors for {max(rows, default=0)} rows.", fix="Give one for each row.")
    if min_size < 1 or max_depth < 1 or not 0 < rate < 1:
        raise UsageError("min_size and max_depth must be 1 or more, and false_alarm_rate between 0 and 1.")
    return loss


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    features: dict[str, Column]
    loss: Floats
    min_size: int
    max_depth: int


def _picked(task: _Task, rows: Ints) -> list[_Found]:
    """Search on `rows` and return the slices that are large enough, best first, not yet tested."""
    import numpy as np

    from mlci.statistics.discovery.conditions import conditions_of, is_text, words_of
    from mlci.statistics.discovery.search import penalty, search, standardised

    known = conditions_of(task.features, smallest=task.min_size)
    for name, column in task.features.items():
        if is_text(column):
            known += words_of(name, column, rows, task.loss[rows], smallest=task.min_size)
    if not known or float(task.loss[rows].var()) == 0:
        return []
    holds = np.stack([condition.holds for condition in known], axis=1)
    smallest = max(2, int(task.min_size * len(rows) / len(task.loss) * ALMOST))
    found = []
    for pick in search(holds[rows], task.loss[rows], smallest=smallest, max_depth=task.max_depth):
        inside = np.logical_and.reduce([known[i].holds for i in pick])
        size, excess = np.asarray([inside.sum(), (task.loss[inside] - task.loss.mean()).sum()], dtype=float)[:, None]
        n, spread = len(inside), float(task.loss.var())
        score = float(standardised(size, excess, n=n, variance=spread)[0]) ** 2
        cost = (len(pick) - 1) * penalty(len(known))
        found.append(_Found(conditions=tuple(known[i] for i in pick), holds=inside, p_value=1.0, score=score - cost))
    return [each for each in found if int(each.holds.sum()) >= task.min_size]


def _confirmed(task: _Task, explore: Ints, test: Ints, *, level: float) -> list[_Found]:
    """Search on `explore`, test on `test`, and return what is confirmed at `level`."""
    from mlci.statistics.discovery.confirm import confirmed

    found = _picked(task, explore)
    values = confirmed([each.holds[test] for each in found], task.loss[test], level=level)
    pairs = zip(found, values, strict=True)
    return [replace(each, p_value=min(1.0, 2 * value)) for each, value in pairs if value <= level]


def _in_best_words(found: Sequence[_Found], candidates: Sequence[_Found]) -> list[_Found]:
    """Replace each confirmed slice by the best of the candidates from all rows that is about the same slice."""
    named = []
    for each in found:
        same = (other for other in candidates if other.score > each.score and _about_the_same(each, other))
        best = next(same, each)
        named.append(replace(best, p_value=each.p_value))
    return named


def _about_the_same(one: _Found, other: _Found) -> bool:
    common = int((one.holds & other.holds).sum())
    return _overlap(one, other) >= COPY and common >= PART * int((one.holds | other.holds).sum())


def _without_copies(found: Sequence[_Found]) -> list[_Found]:
    """Return the best of slices that share most of their rows, surest first."""
    kept: list[_Found] = []
    for each in sorted(found, key=lambda one: (-one.score, one.p_value, len(one.conditions), _name(one))):
        if not any(_overlap(each, other) >= COPY for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: (one.p_value, -one.score, _name(one)))


def _overlap(one: _Found, other: _Found) -> float:
    return float((one.holds & other.holds).sum()) / min(int(one.holds.sum()), int(other.holds.sum()))


def _name(found: _Found) -> str:
    return " and ".join(condition.text for condition in found.conditions)


def _slice(found: _Found, loss: Floats) -> Slice:
    return Slice(
        name=_name(found),
        sql=" AND ".join(condition.sql for condition in found.conditions),
        n=int(found.holds.sum()),
        error_rate=float(loss[found.holds].mean()),
        error_rate_outside=float(loss[~found.holds].mean()),
        adjusted_p_value=found.p_value,
    )
