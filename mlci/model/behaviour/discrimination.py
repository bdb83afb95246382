"""Whether a suite has ever told a better model from a worse one: its failure rate over the runs that were stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlci.model.behaviour.result import BehaviourResult
from mlci.numbers import pair
from mlci.results.model import Check, Metric

if TYPE_CHECKING:
    from mlci.baselines.model import Stored
    from mlci.gates import Context

LEAST_RUNS = 5
"""From so many stored runs on it is said that no case has failed in any."""
LEAST_RANGE = 0.02
"""So much of its size a metric must have moved, for the suite to have had something to see."""


def remembered(
    result: BehaviourResult, prefix: str, metrics: Sequence[Metric], *, context: Context, model: str
) -> tuple[list[Metric], list[Check]]:
    """Return the suite's failure rate for the baseline, and a warning where no stored run has seen a failure.

    `metrics` are those of this run so far, `prefix` is what the suite's checks are called by.
    """
    rate = rate_metric(result, prefix, max_drop=context.config.model[model].behaviour_max_drop)
    if rate is None:
        return [], []
    baseline = context.config.baseline
    if rate.value > 0 or context.at_base or baseline is None or context.repository is None:
        return [rate], []
    from mlci.baselines.history import stored_before

    history = stored_before(context.repository, context.root / baseline.path)
    if not history and (found := context.find_baseline()) is not None and found.stored is not None:
        history = (found.stored, *found.history)
    note = never_failed(rate, metrics, history, model=model)
    return [rate], [] if note is None else [warning(result, prefix, note)]


def rate_metric(result: BehaviourResult, prefix: str, *, max_drop: float | None = None) -> Metric | None:
    """Return the share of a suite's cases that fail, kept in the baseline; None where nothing was judged."""
    judged = [test for test in result.tests if test.failure_rate is not None]
    cases = sum(test.applicable for test in judged)
    if not cases:
        return None
    failed = sum(test.failed_cases for test in judged)
    return Metric(
        name=f"{prefix}.failure_rate", value=failed / cases, n=cases, higher_is_better=False, max_drop=max_drop
    )


def never_failed(now: Metric, metrics: Sequence[Metric], history: Sequence[Stored], *, model: str) -> str | None:
    """Return what to warn of where no case of a suite failed, now or in any stored run, while the model changed.

    `metrics` are those of this run. Passing always is what a suite is for: it is only said where a metric of the same
    model has moved over at least five stored runs and the suite saw nothing of it.
    """
    runs = [one for one in history if any(metric.name == now.name for metric in one.metrics)]
    rates = [metric.value for one in runs for metric in one.metrics if metric.name == now.name]
    if now.value > 0 or len(rates) < LEAST_RUNS or any(rates):
        return None
    for metric in metrics:
        if metric.slice is not None or metric.name.rpartition(".")[0] != f"model.{model}":
            continue
        values = [metric.value, *(old.value for one in runs for old in one.metrics if _same(old, metric))]
        low, high = min(values), max(values)
        if high - low > LEAST_RANGE * max(abs(low), abs(high)):
            least, most = pair(low, high)
            return (
                f"no case has failed in this run or in the {len(rates)} stored before it, while "
                f"{metric.name.rpartition('.')[2]} ran from {least} to {most}: "
                "the suite does not tell these models apart"
            )
    return None


def _same(one: Metric, other: Metric) -> bool:
    return one.name == other.name and one.slice == other.slice


def warning(result: BehaviourResult, prefix: str, note: str) -> Check:
    """Return the check that says `note` of a suite."""
    where = next((test.where for test in result.tests if test.where is not None), None)
    return Check(
        id=f"{prefix}.never-failed", status="warned", severity="warning", summary=f"suite {result.name}", reason=note,
        where=where,
    )  # fmt: skip
