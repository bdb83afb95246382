"""Finding the parts of the data where a model is weak, or where it got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlci.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.statistics.encoding import Column
    from mlci.statistics.paired import Floats


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
    """Corrected for every slice that was tested."""


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
    with the halves changed over. Unless rows and conditions are very many, half of the rate goes to single conditions
    on all rows: the largest excess of errors against the largest that permuted errors give any of them. A slice that is
    confirmed is put in the words that fit all rows best, and of slices that share most of their rows one is kept. Where
    errors have nothing to do with the features, anything is reported with a probability of at most `false_alarm_rate`.
    The same arguments give the same answer.

    Args:
        frame: the features: a pandas, Polars or PyArrow frame, a DuckDB relation or a mapping of columns.
        errors: an error for each row: 0 or 1, a loss, or the loss now less the loss before, to find what got worse.
        min_size: the fewest rows of a slice; below twice as many rows there is no slice to find.
        false_alarm_rate: the chance that anything is reported where there is nothing.
        max_depth: the most conditions of a slice.
        seed: decides which rows are in which half, and the permutations.
        columns: the features to look at; all when left out.

    Raises:
        UsageError: errors of another length than the frame, or not finite; arguments out of range.
        CannotRun: a library of the extra `model` is not installed.

    """
    try:
        from mlci.statistics.discovery.finding import find
        from mlci.statistics.frames import columns as read
        from mlci.statistics.frames import names_of
    except ModuleNotFoundError as absent:
        library = str(absent.name).partition(".")[0]
        raise CannotRun(
            f"finding slices needs {library}, which is not installed.", fix='pip install "mlci[model]"'
        ) from absent
    if min_size < 1 or max_depth < 1 or not 0 < false_alarm_rate < 1:
        raise UsageError("min_size and max_depth must be 1 or more, and false_alarm_rate between 0 and 1.")
    features = read(frame, tuple(columns or names_of(frame)), where="frame")
    loss = _losses(errors, features)
    found = find(features, loss, min_size=min_size, max_depth=max_depth, level=false_alarm_rate, seed=seed)
    return tuple(
        Slice(
            name=each.name,
            sql=" AND ".join(condition.sql for condition in each.conditions),
            n=int(each.holds.sum()),
            error_rate=float(loss[each.holds].mean()),
            error_rate_outside=float(loss[~each.holds].mean()),
            adjusted_p_value=each.p_value,
        )
        for each in found
    )


def _losses(errors: Sequence[float] | Floats, features: Mapping[str, Column]) -> Floats:
    import numpy as np

    from mlci.statistics.encoding import as_floats

    loss = as_floats(np.asarray(errors), "error")
    if {len(column) for column in features.values()} != {len(loss)}:
        rows = max(map(len, features.values()), default=0)
        raise UsageError(f"{len(loss)} errors for {rows} rows.", fix="Give one for each row.")
    return loss
