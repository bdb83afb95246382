"""Checking how far groups are treated apart, on the examples that a model is evaluated on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.common import Limits
from mlci.config.explain import Fairness
from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.metrics.binary import positive_label
from mlci.metrics.scorer import Label, Sample
from mlci.model.fairness import MEASURES, Measure
from mlci.model.fairness.rates import METHOD, Between, Rate
from mlci.model.measure import Found, Measured
from mlci.numbers import count, number
from mlci.results.model import Check, Metric, Status, failed_or_warned

SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """The examples of each group, by the group's name."""

    by: str
    members: Mapping[str, Sequence[int]]


def fairness(measured: Measured) -> Iterator[Found]:
    """Compare the groups of every column that `fairness` names; yields nothing where the model has no such key."""
    asked = measured.model.fairness
    if asked is None:
        return
    try:
        truth, said = _outcomes(measured, asked)
    except CannotRun as error:
        for groups in _all_groups(measured, asked):
            yield from _undefined(measured, asked, groups, error)
        return
    for groups in _all_groups(measured, asked):
        small = {name: rows for name, rows in groups.members.items() if len(rows) < asked.min_group_size}
        if small:
            yield _too_small(measured, groups, small, asked.min_group_size), None
        large = Groups(by=groups.by, members={key: rows for key, rows in groups.members.items() if key not in small})
        for name, limits in asked.metrics.items():
            rates = _rates(large, truth, said)
            yield _found(measured, asked, large, measure=MEASURES[name], limits=limits, rates=rates)


def _all_groups(measured: Measured, asked: Fairness) -> Iterator[Groups]:
    rows = measured.evaluation.rows
    for columns in asked.by:
        named = (columns,) if isinstance(columns, str) else columns
        for column in named:
            if rows and column not in rows[0]:
                raise UsageError(
                    f'{measured.evaluation.shown} has no column "{column}"',
                    where=measured.where("fairness", "by"),
                    key="fairness.by",
                    fix=did_you_mean(column, rows[0]),
                )
        members: dict[str, list[int]] = {}
        for at, row in enumerate(rows):
            members.setdefault(", ".join(_shown(row[column]) for column in named), []).append(at)
        yield Groups(by=" and ".join(named), members=dict(sorted(members.items())))


def _shown(value: Any) -> str:
    return "missing" if value is None else str(value)[:60]


def _outcomes(measured: Measured, asked: Fairness) -> tuple[list[bool], list[bool]]:
    """Return whether each example is truly favourable, and whether it was predicted to be."""
    said: list[Any] = [one.label for one in measured.predictions]
    truth: list[Any] = list(measured.evaluation.labels)
    if any(isinstance(one, float) and not one.is_integer() for one in said):
        raise CannotRun("fairness compares shares of labels, and the model gives numbers")
    favourable: Label | None = measured.model.positive if asked.positive is None else asked.positive
    sample = Sample(truth=truth, predicted=said, positive=favourable)
    if favourable is None:
        try:
            favourable = positive_label(sample, multiclass="`positive`, the favourable label")
        except CannotRun as error:
            raise CannotRun(f"fairness {error.what}") from None
    if favourable not in truth and favourable not in said:
        raise CannotRun(f"fairness: no label is the favourable one, {favourable!r}")
    return [one == favourable for one in truth], [one == favourable for one in said]


_Rates = Mapping[str, Mapping[str, Rate]]


def _rates(groups: Groups, truth: Sequence[bool], said: Sequence[bool]) -> _Rates:
    found: dict[str, dict[str, Rate]] = {"all": {}, "positive": {}, "negative": {}}
    for name, rows in groups.members.items():
        for kind, members in {
            "all": rows,
            "positive": [at for at in rows if truth[at]],
            "negative": [at for at in rows if not truth[at]],
        }.items():
            found[kind][name] = Rate(hits=sum(said[at] for at in members), of=len(members))
    return found


def _found(
    measured: Measured, asked: Fairness, groups: Groups, *, measure: Measure, limits: Limits, rates: _Rates
) -> Found:
    counted = {
        kind: {name: rate for name, rate in rates[kind].items() if rate.of >= asked.min_group_size}
        for kind in measure.of
    }
    check = Check(
        id=f"model.{measured.name}.fairness.{groups.by}.{measure.name}",
        status="passed",
        severity=limits.severity,
        summary=f"{measure.name} between groups of {groups.by}",
        where=measured.where("fairness", "metrics", measure.name),
    )
    if few := next((kind for kind, of in counted.items() if len(of) < 2), None):  # noqa: PLR2004 - to compare
        return _nothing(check, groups, few, asked.min_group_size, limits), None
    between = measure(counted)
    n = sum(rate.of for rate in rates["all"].values())
    metric = Metric(
        name=f"model.{measured.name}.fairness.{groups.by}.{measure.name}", value=between.value, n=n,
        higher_is_better=measure.higher_is_better, interval=(between.low, between.high), max_drop=limits.max_drop,
        severity=limits.severity,
    )  # fmt: skip
    return _judged(check, measure, between, limits, counted), metric


def _judged(check: Check, measure: Measure, between: Between, limits: Limits, counted: _Rates) -> Check:
    """Judge the interval: all of it must lie within the limits to pass, all of it beyond to fail."""
    status, rule = _status(between, limits)
    said = f"{check.summary} is {number(between.value)} ({number(between.low)} to {number(between.high)})"
    reason = {
        "failed": f"{said}, {rule}",
        "inconclusive": f"{said}: too few examples to tell whether it is {rule}",
    }.get(status)
    how = "ratio" if measure.higher_is_better else "difference"
    return Check(
        id=check.id,
        status=failed_or_warned(limits.severity) if status == "failed" else status,
        severity=check.severity,
        summary=said,
        reason=reason,
        where=check.where,
        details={
            "value": between.value, "min": limits.min, "max": limits.max, "interval": [between.low, between.high],
            "interval_method": METHOD[how], "groups": _table(counted),
        },
    )  # fmt: skip


def _status(between: Between, limits: Limits) -> tuple[Status, str]:
    over, under = f"above {number(limits.max or 0)}", f"below {number(limits.min or 0)}"
    if limits.max is not None and between.low > limits.max:
        return "failed", over
    if limits.min is not None and between.high < limits.min:
        return "failed", under
    if limits.max is not None and between.high > limits.max:
        return "inconclusive", over
    if limits.min is not None and between.low < limits.min:
        return "inconclusive", under
    return "passed", ""


def _table(counted: _Rates) -> list[dict[str, Any]]:
    names = {"all": "favourable", "positive": "true positive rate", "negative": "false positive rate"}
    rows = [
        {"group": name, "of": rate.of, names[kind]: round(rate.share, 4), "from": round(rate.interval()[0], 4),
         "to": round(rate.interval()[1], 4)}
        for kind, of in counted.items()
        for name, rate in of.items()
    ]  # fmt: skip
    return rows[:SHOWN]


def _nothing(check: Check, groups: Groups, kind: str, least: int, limits: Limits) -> Check:
    what = {"all": "examples", "positive": "truly favourable examples", "negative": "other examples"}[kind]
    reason = f"nothing was compared: fewer than two groups of {groups.by} have at least {least} {what}"
    status = failed_or_warned(limits.severity)
    return Check(
        id=check.id, status=status, severity=check.severity, summary=check.summary, reason=reason, where=check.where
    )


def _too_small(measured: Measured, groups: Groups, small: Mapping[str, Sequence[int]], least: int) -> Check:
    named = ", ".join(f"{name} ({len(rows)})" for name, rows in list(small.items())[:SHOWN])
    more = f" and {len(small) - SHOWN} more" if len(small) > SHOWN else ""
    said = f"{count(len(small), 'group')} of {groups.by} too small to compare: {named}{more}"
    return Check(
        id=f"model.{measured.name}.fairness.{groups.by}.groups",
        status="inconclusive",
        summary=said,
        reason=f"{said}; at least {least} examples are asked for",
        where=measured.where("fairness", "min-group-size"),
    )


def _undefined(measured: Measured, asked: Fairness, groups: Groups, error: CannotRun) -> Iterator[Found]:
    for name, limits in asked.metrics.items():
        yield (
            Check(
                id=f"model.{measured.name}.fairness.{groups.by}.{name}",
                status="errored",
                severity=limits.severity,
                summary=f"{name} between groups of {groups.by} could not be computed",
                reason=error.says,
                where=measured.where("fairness", "metrics", name),
            ),
            None,
        )
