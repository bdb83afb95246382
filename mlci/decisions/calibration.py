"""How much numbers move without a reason, and what limits on their drops would therefore do: pure functions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from mlci.decisions.harmless import harmless_change
from mlci.limits import exceeds, tolerance
from mlci.model.paired import Predicted, paired_changes
from mlci.results.model import Change, Metric

CHANGES = 100
"""How many harmless changes are looked at."""
_FEWEST = 20
_MOST_EXAMPLES = 1_000_000
_Key = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run of the gates gave."""

    metrics: tuple[Metric, ...]
    predicted: Mapping[str, Predicted]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One number: how it scatters, and what follows."""

    metric: Metric
    """The number as the first run gave it, with its present limit."""
    mean: float
    noise: float
    """The standard deviation from run to run; 0 where it is always the same."""
    suggested: float | None
    """The smallest limit on a drop that harmless changes keep to; None where nothing is known of how it moves."""
    mde: float | None
    """The smallest true drop that the paired comparison finds with 80 % power on this test set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What so many runs tell."""

    runs: int
    deterministic: bool
    """Whether all runs gave the same numbers."""
    lines: tuple[Line, ...]
    changes: int
    """How many harmless changes the rates are of."""
    churn: float
    """The share of predictions that differ in them, on average."""
    plain: float | None
    """The share of harmless changes that the plain tolerance blocks under the present limits; None without limits."""
    paired: float | None
    """The same of the paired comparison; None without predictions or limits."""


def calibrate(runs: Sequence[Run], *, false_alarm_rate: float, changed: float) -> Calibration:
    """Return how numbers scatter over `runs`, and how often harmless changes break the present limits.

    Where runs differ, each pair of them is a harmless change. Where all are the same, changes are drawn that exchange
    the share `changed` of the predictions (`mlci.decisions.harmless`).
    """
    values = _values(runs)
    deterministic = all(min(each) == max(each) for each in values.values())
    pairs = list(_drawn(runs[0], changed) if deterministic else _between(runs))
    judged = [_judged(before, now, false_alarm_rate) for before, now in pairs]
    drops = [_drops(before, now, changes) for (before, now), changes in zip(pairs, judged, strict=True)]
    limited = [one for one in runs[0].metrics if one.max_drop is not None]
    may_be = [one for one in runs[0].metrics if one.max_drop is not None or one.slice is None]
    return Calibration(
        runs=len(runs),
        deterministic=deterministic,
        lines=tuple(
            _line(metric, values[_key(metric)], drops, judged, level=false_alarm_rate / len(may_be))
            for metric in runs[0].metrics
        ),
        changes=len(pairs),
        churn=statistics.fmean(_churn(before, now) for before, now in pairs) if pairs else 0.0,
        plain=_rate([_breaks(each, limited) for each in drops]) if limited else None,
        paired=_rate([any(one.status == "failed" for one in each.values()) for each in judged])
        if any(judged) and limited
        else None,
    )


def _key(metric: Metric) -> _Key:
    return metric.name, metric.slice


def _values(runs: Sequence[Run]) -> dict[_Key, list[float]]:
    return {
        _key(metric): [one.value for run in runs for one in run.metrics if _key(one) == _key(metric)]
        for metric in runs[0].metrics
    }


def _between(runs: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    pairs = list(permutations(runs, 2))
    step = max(1, math.ceil(len(pairs) / CHANGES))
    yield from pairs[::step]


def _drawn(run: Run, changed: float) -> Iterator[tuple[Run, Run]]:
    if not run.predicted:
        return
    size = max((len(next(iter(said.columns.values()), ())) for said in run.predicted.values()), default=0)
    for seed in range(max(_FEWEST, min(CHANGES, _MOST_EXAMPLES // max(1, size)))):
        both = {name: harmless_change(said, changed=changed, seed=seed) for name, said in run.predicted.items()}
        before, now = ({name: pair[side] for name, pair in both.items()} for side in (0, 1))
        yield Run(metrics=run.metrics, predicted=before), Run(metrics=run.metrics, predicted=now)


def _judged(before: Run, now: Run, rate: float) -> dict[_Key, Change]:
    models = [name for name in now.predicted if name in before.predicted]
    found = {}
    for model in models:
        own = [one for one in now.metrics if one.name.startswith(f"model.{model}.")]
        said = before.predicted[model], now.predicted[model]
        for change in paired_changes(*said, own, false_alarm_rate=rate / len(models)):
            found[change.metric, change.slice] = change
    return found


def _drops(before: Run, now: Run, judged: Mapping[_Key, Change]) -> dict[_Key, float]:
    """Return how much worse each number got; of those judged by examples, that of these examples."""
    old = {_key(metric): metric.value for metric in before.metrics}
    found = {
        _key(one): (old[_key(one)] - one.value) * (-1 if one.higher_is_better is False else 1)
        for one in now.metrics
        if _key(one) in old
    }
    return {**found, **{key: change.drop for key, change in judged.items() if change.drop is not None}}


def _breaks(drops: Mapping[_Key, float], limited: Sequence[Metric]) -> bool:
    return any(exceeds(drops.get(_key(one), 0.0), tolerance(one.max_drop or 0.0, one.value)) for one in limited)


def _line(
    metric: Metric,
    values: Sequence[float],
    drops: Sequence[Mapping[_Key, float]],
    judged: Sequence[Mapping[_Key, Change]],
    *,
    level: float,
) -> Line:
    mdes = [change.mde for each in judged if (change := each.get(_key(metric))) and change.mde is not None]
    noise = statistics.stdev(values) if len(values) > 1 else 0.0
    return Line(
        metric=metric,
        mean=statistics.fmean(values),
        noise=noise,
        suggested=_suggested(noise, len(values), [each.get(_key(metric), 0.0) for each in drops], level),
        mde=statistics.median(mdes) if mdes else None,
    )


def _suggested(noise: float, runs: int, drops: Sequence[float], level: float) -> float | None:
    """Return the drop that harmless changes exceed with probability `level`, rounded up to two digits.

    The difference of two runs, each of which scatters by `noise`: t(runs - 1) * noise * sqrt(2). Where runs do not
    differ, z times the standard deviation of the `drops` of changes that were drawn.
    """
    from scipy.special import ndtri, stdtrit

    if noise > 0 and runs > 1:
        return _up(float(stdtrit(runs - 1, 1 - level)) * noise * math.sqrt(2))
    spread = statistics.pstdev(drops) if drops else 0.0
    return _up(float(ndtri(1 - level)) * spread) if spread > 0 else None


def _up(value: float) -> float:
    """Return the value rounded up to two significant digits."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.12g}")


def _churn(before: Run, now: Run) -> float:
    both = [(said.columns, now.predicted[name].columns) for name, said in before.predicted.items()]
    pairs = [
        pair for old, new in both for pair in zip(old.get("prediction", ()), new.get("prediction", ()), strict=True)
    ]
    return statistics.fmean(one != other for one, other in pairs) if pairs else 0.0


def _rate(blocked: Sequence[bool]) -> float | None:
    return statistics.fmean(blocked) if blocked else None
