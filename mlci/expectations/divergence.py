"""The Kullback-Leibler divergence of a column from an expected distribution."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from mlci.expectations.columns import NUMERIC, CannotJudge, Column
from mlci.expectations.families import column_aggregate
from mlci.expectations.partitions import Bins, Categories, observed_bins, observed_categories, partition_of
from mlci.expectations.requests import Finding, Scalars, ValueCounts

Found = Generator[Any, Any, Finding]
_PROFILE_BINS = 10


@column_aggregate
def expect_column_kl_divergence_to_be_less_than(
    column: Column,
    *,
    partition_object: dict[str, Any] | None = None,
    threshold: float | None = None,
    tail_weight_holdout: float = 0,
    internal_weight_holdout: float = 0,
    bucketize_data: bool = True,
) -> Found:
    """The Kullback-Leibler divergence from the expected distribution is at most `threshold`.

    In nats, of the observed from the expected weights. `tail_weight_holdout` is spread over what was not expected at
    all, `internal_weight_holdout` over bins of weight 0; without them, the divergence is infinite where such values
    occur. Without a threshold the expectation is met.
    """
    if threshold is not None and threshold < 0:
        raise CannotJudge("threshold must be 0 or more")
    if not 0 <= tail_weight_holdout <= 1 or not 0 <= internal_weight_holdout <= 1:
        raise CannotJudge("tail_weight_holdout and internal_weight_holdout lie between 0 and 1")
    if partition_object is None:
        partition = yield from _own_partition(column)
    else:
        partition = partition_of(partition_object)
    if isinstance(partition, Categories):
        if internal_weight_holdout:
            raise CannotJudge("internal_weight_holdout cannot be used with values, only with bins")
        return (yield from _of_values(column, partition, threshold, tail_weight_holdout))
    if not bucketize_data:
        raise CannotJudge("a partition of bins needs bucketize_data")
    return (yield from _of_bins(column, partition, threshold, (tail_weight_holdout, internal_weight_holdout)))


def _of_values(column: Column, partition: Categories, threshold: float | None, holdout: float) -> Found:
    values, counts, weights = yield from observed_categories(column, partition)
    unexpected = sum(weight is None for weight in weights)
    scale = 1 - holdout if unexpected else 1
    expected = [holdout / unexpected if weight is None else weight * scale for weight in weights]
    observed = _shares(counts, sum(counts))
    details = {
        "observed_partition": {"values": values, "weights": observed},
        "expected_partition": {"values": values, "weights": expected},
    }
    return _judged(observed, expected, threshold, details)


def _of_bins(column: Column, partition: Bins, threshold: float | None, holdouts: tuple[float, float]) -> Found:
    tail, internal = holdouts
    open_below, open_above = partition.edges[0] == -math.inf, partition.edges[-1] == math.inf
    _check_tails(partition, tail, open_ends=open_below + open_above)
    below, counts, above, total = yield from observed_bins(column, partition.edges)
    expected = _with_holdouts(partition.weights, tail, internal)
    tails = list(partition.tails or _tail_shares(tail, open_below=open_below, open_above=open_above))
    observed = _shares(counts, total)
    outside = _shares([below, above], total)
    if not open_below:
        expected, observed = [tails[0], *expected], [outside[0], *observed]
    if not open_above:
        expected, observed = [*expected, tails[1]], [*observed, outside[1]]
    details = {
        "observed_partition": {
            "bins": list(partition.edges),
            "weights": _shares(counts, total),
            "tail_weights": outside,
        },
        "expected_partition": {
            "bins": list(partition.edges),
            "weights": list(partition.weights),
            "tail_weights": tails,
        },
    }
    return _judged(observed, expected, threshold, details)


def _check_tails(partition: Bins, tail: float, *, open_ends: int) -> None:
    if tail and partition.tails:
        raise CannotJudge("tail_weight_holdout must be 0 where the partition_object has tail_weights")
    if tail and open_ends == 2:  # noqa: PLR2004 - both
        raise CannotJudge("tail_weight_holdout cannot be used where the bins reach to infinity on both sides")
    if partition.tails and open_ends:
        raise CannotJudge("there can be no tail_weights where the bins reach to infinity")


def _with_holdouts(weights: Sequence[float], tail: float, internal: float) -> list[float]:
    scaled = [weight * (1 - tail - internal) for weight in weights]
    zeros = scaled.count(0)
    return [internal / zeros if weight == 0 else weight for weight in scaled] if internal and zeros else scaled


def _tail_shares(tail: float, *, open_below: bool, open_above: bool) -> tuple[float, float]:
    if open_below or open_above:
        return tail, tail
    return tail / 2, tail / 2


def _shares(counts: Sequence[int], total: int) -> list[float]:
    return [count / total if total else 0.0 for count in counts]


def _judged(observed: Sequence[float], expected: Sequence[float], threshold: float | None, details: Any) -> Finding:
    value = _divergence(observed, expected)
    finite = math.isfinite(value)
    return Finding(
        success=threshold is None or (not math.isnan(value) and value <= threshold),
        observed_value=value if finite else None,
        details=details,
    )


def _divergence(observed: Sequence[float], expected: Sequence[float]) -> float:
    """Return the divergence in nats of weights that need not add up to 1; NaN where there are none."""
    p_sum, q_sum = math.fsum(observed), math.fsum(expected)
    if not p_sum or not q_sum:
        return math.nan
    pairs = [(p / p_sum, q / q_sum) for p, q in zip(observed, expected, strict=True) if p]
    if any(q == 0 for _, q in pairs):
        return math.inf
    return max(0.0, math.fsum(p * math.log(p / q) for p, q in pairs))


def _own_partition(column: Column) -> Generator[Any, Any, Categories | Bins]:
    """Return the partition of the data itself, for a look at them without an expectation."""
    if column.kind not in NUMERIC:
        counts = yield ValueCounts(column=column)
        total = sum(counts.values())
        return Categories(values=tuple(counts), weights=tuple(_shares(list(counts.values()), total)))
    low, high = yield Scalars(exprs=(column.number.min(), column.number.max()), reads=(column.name,))
    if low is None:
        raise CannotJudge(f"column `{column.name}` has no value")
    step = (high - low or 1) / _PROFILE_BINS
    edges = (*(low + step * at for at in range(_PROFILE_BINS)), high if high > low else low + 1)
    bins = Bins(edges=edges, weights=())
    _, counts, _, total = yield from observed_bins(column, bins.edges)
    return replace(bins, weights=tuple(_shares(counts, total)))
