"""Statistical tests of a column's distribution, computed by SciPy: those that Great Expectations had up to 0.13."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from mlci.expectations.columns import NUMERIC, CannotJudge, Column
from mlci.expectations.families import column_aggregate
from mlci.expectations.partitions import Bins, Categories, observed_categories, partition_of
from mlci.expectations.requests import Finding, Values

Found = Generator[Any, Any, Finding]
_SEED = 0
_MISSING, _OTHER = "(missing)", "(other)"


@column_aggregate
def expect_column_chisquare_test_p_value_to_be_greater_than(
    column: Column, *, partition_object: dict[str, Any], p: float = 0.05, tail_weight_holdout: float = 0
) -> Found:
    """The p-value of the chi-square test against the expected distribution is greater than `p`.

    Pearson's test of the counts of the distinct values; `tail_weight_holdout` is spread over values not expected.
    """
    partition = partition_of(partition_object)
    if not isinstance(partition, Categories):
        raise CannotJudge("the partition_object must have values, not bins")
    stats = _scipy()
    _, counts, weights = yield from observed_categories(column, partition)
    total, unexpected = sum(counts), sum(weight is None for weight in weights)
    scale = 1 - tail_weight_holdout if unexpected else 1
    spread = tail_weight_holdout / unexpected if unexpected else 0
    expected = [total * (spread if weight is None else weight * scale) for weight in weights]
    if any(not share and count for share, count in zip(expected, counts, strict=True)):
        return Finding(success=False, observed_value=0.0)
    statistic = math.fsum((o - e) ** 2 / e for o, e in zip(counts, expected, strict=True) if e)
    value = float(stats.chi2.sf(statistic, len(counts) - 1))
    return Finding(success=value > p, observed_value=value)


@column_aggregate
def expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than(
    column: Column, *, distribution: str, p_value: float = 0.05, params: Any = None
) -> Found:
    """The p-value of the Kolmogorov-Smirnov test against the distribution `distribution` is at least `p_value`.

    One of norm, beta, gamma, uniform, chi2 and expon, with its parameters by name or in SciPy's order.
    """
    if not 0 < p_value < 1:
        raise CannotJudge("p_value lies between 0 and 1, both excluded")
    positional = _parameters(distribution, params)
    stats = _scipy()
    values = yield from _numbers(column)
    found = stats.kstest(values, distribution, args=positional)
    value = float(found.pvalue)
    return Finding(success=value >= p_value, observed_value=value, details={"statistic": float(found.statistic)})


@column_aggregate
def expect_column_bootstrapped_ks_test_p_value_to_be_greater_than(
    column: Column,
    *,
    partition_object: dict[str, Any],
    p: float = 0.05,
    bootstrap_samples: int | None = None,
    bootstrap_sample_size: int | None = None,
) -> Found:
    """The p-value of the bootstrapped Kolmogorov-Smirnov test against the expected bins is greater than `p`.

    The share of samples (1000, of twice as many values as there are bins, drawn with a fixed seed) that the test
    does not tell from the partition at the level `p`.
    """
    partition = _finite(partition_object)
    stats = _scipy()
    import numpy as np

    values = np.asarray((yield from _numbers(column)), dtype=float)
    cumulated = np.append([0.0], np.cumsum(partition.weights))
    size = bootstrap_sample_size or 2 * len(partition.weights)
    samples = bootstrap_samples or 1000
    generator = np.random.default_rng(_SEED)
    alike = sum(
        stats.kstest(generator.choice(values, size=size), lambda x: np.interp(x, partition.edges, cumulated)).pvalue
        >= p
        for _ in range(samples)
    )
    value = float((1 + alike) / (samples + 1))
    return Finding(success=value > p, observed_value=value, details={"seed": _SEED, "bootstrap_samples": samples})


@column_aggregate
def expect_column_pair_cramers_phi_value_to_be_less_than(
    column_A: Column,  # noqa: N803 - the argument's name
    column_B: Column,  # noqa: N803
    *,
    bins_A: list[Any] | None = None,  # noqa: N803
    bins_B: list[Any] | None = None,  # noqa: N803
    n_bins_A: int | None = None,  # noqa: N803
    n_bins_B: int | None = None,  # noqa: N803
    threshold: float = 0.1,
) -> Found:
    """Cramér's phi of `column_A` and `column_B` is at most `threshold`.

    Of numbers in bins (10 of equal width), or of the most frequent other values (10, the rest together).
    """
    stats = _scipy()
    rows = yield Values(columns=(column_A, column_B))
    if not rows:
        return Finding(success=False)
    a = _binned([row[0] for row in rows], column_A, bins_A, n_bins_A or 10)
    b = _binned([row[1] for row in rows], column_B, bins_B, n_bins_B or 10)
    table = [[0] * len(set(b)) for _ in set(a)]
    at_a, at_b = ({label: at for at, label in enumerate(sorted(set(labels), key=str))} for labels in (a, b))
    for left, right in zip(a, b, strict=True):
        table[at_a[left]][at_b[right]] += 1
    smaller = min(len(table), len(table[0])) - 1
    if not smaller:
        return Finding(success=False, details={"reason": "one of the columns has a single value"})
    chi2 = float(stats.chi2_contingency(table)[0])
    value = max(min(math.sqrt(chi2 / len(rows) / smaller), 1.0), 0.0)
    return Finding(success=value <= threshold, observed_value=value)


def _scipy() -> Any:
    try:
        from scipy import stats
    except ImportError as error:
        raise CannotJudge("this needs SciPy: `pip install scipy`") from error
    return stats


def _numbers(column: Column) -> Generator[Any, Any, list[float]]:
    if column.kind not in NUMERIC:
        raise CannotJudge(f"column `{column.name}` holds {column.kind} values ({column.native}), not numbers")
    rows = yield Values(columns=(column,))
    values = [float(row[0]) for row in rows if row[0] is not None]
    if not values:
        raise CannotJudge(f"column `{column.name}` has no value")
    return values


def _finite(partition_object: dict[str, Any]) -> Bins:
    partition = partition_of(partition_object)
    if not isinstance(partition, Bins):
        raise CannotJudge("the partition_object must have bins, not values")
    if math.inf in {abs(partition.edges[0]), abs(partition.edges[-1])}:
        raise CannotJudge("the bins of the partition_object must be finite")
    if partition.tails and sum(partition.tails):
        raise CannotJudge("the partition_object cannot have tail_weights")
    return partition


_NAMES: Mapping[str, tuple[str, ...]] = {
    "norm": ("mean", "std_dev"),
    "beta": ("alpha", "beta", "loc", "scale"),
    "gamma": ("alpha", "loc", "scale"),
    "uniform": ("min", "max"),
    "chi2": ("df", "loc", "scale"),
    "expon": ("loc", "scale"),
}
_DEFAULTS: Mapping[str, float] = {"loc": 0, "scale": 1, "mean": 0, "std_dev": 1, "min": 0, "max": 1}
_POSITIVE = frozenset({"std_dev", "alpha", "beta", "df", "scale"})


def _parameters(distribution: str, params: Any) -> tuple[float, ...]:
    """Return the parameters in the order in which SciPy takes them (uniform: location and width)."""
    if distribution not in _NAMES:
        raise CannotJudge(f'distribution is one of {", ".join(_NAMES)}, not "{distribution}"')
    names = _NAMES[distribution]
    listed = list(params or ()) if not isinstance(params, Mapping) else []
    named = dict(params) if isinstance(params, Mapping) else dict(zip(names, listed, strict=False))
    values = {name: named.get(name, _DEFAULTS.get(name)) for name in names}
    wrong = [name for name, value in values.items() if value is None or (name in _POSITIVE and value <= 0)]
    wrong += [name for name in named if name not in {*names, "loc", "scale"}]
    if wrong or len(listed) > len(names):
        problem = ", ".join(wrong) or "how many there are"
        raise CannotJudge(f"{distribution} has the parameters {', '.join(names)}; check {problem}")
    return tuple(float(value) for value in values.values() if value is not None)


def _binned(values: Sequence[Any], column: Column, bins: list[Any] | None, n_bins: int) -> list[Any]:
    if column.kind in {"integer", "number"}:
        return _in_ranges(values, bins, n_bins)
    if bins is not None:
        named = {value: ", ".join(map(str, group)) for group in bins for value in group}
        return [_MISSING if value is None else named.get(value, value) for value in values]
    present = [value for value in values if value is not None]
    frequent = sorted(set(present), key=lambda value: -present.count(value)) if len(set(present)) > n_bins else []
    kept = set(frequent[:n_bins]) if frequent else set(present)
    return [_MISSING if value is None else value if value in kept else _OTHER for value in values]


def _in_ranges(values: Sequence[Any], bins: list[Any] | None, n_bins: int) -> list[Any]:
    present = [value for value in values if value is not None]
    if not present:
        return [_MISSING] * len(values)
    low, high = min(present), max(present)
    if bins is None:
        step = (high - low or 1) / n_bins
        edges = [low + step * at for at in range(1, n_bins)]
    else:
        edges = sorted(set(bins))
        edges = [edge for edge in edges if low < edge < high] if low >= edges[0] and high <= edges[-1] else edges
    return [_MISSING if value is None else sum(value >= edge for edge in edges) for value in values]
