"""Importances against what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlci.config.explain import Importance
from mlci.errors import UsageError, did_you_mean
from mlci.model.explain.importance import Feature
from mlci.model.measure import Measured
from mlci.numbers import count, number
from mlci.results.model import Check, Metric, Status, failed_or_warned

_SHOWN = 30
_SHUFFLES = "Student's, over the shuffles"


def importance_checks(measured: Measured, asked: Importance, features: Sequence[Feature]) -> Iterator[Check]:
    """Show all importances, and judge each that something is asked of."""
    known = {feature.name: feature for feature in features}
    _all_known(measured, asked, known)
    yield _table(measured, features)
    for name in asked.must_not_matter:
        judged = _not_matter(known[name], asked.tolerance)
        yield _judged(measured, asked, known[name], part="must-not-matter", judged=judged)
    for name in asked.must_matter:
        yield _judged(measured, asked, known[name], part="must-matter", judged=_matter(known[name], asked.tolerance))
    if asked.top is not None:
        for name in asked.top.features:
            judged = _among(known[name], features, asked.top.k)
            yield _judged(measured, asked, known[name], part="top", judged=judged)


def importance_metrics(measured: Measured, asked: Importance, features: Sequence[Feature]) -> tuple[Metric, ...]:
    """Return all importances as numbers that are compared with the baseline's."""
    return tuple(_metric(measured, asked, feature) for feature in features)


def _all_known(measured: Measured, asked: Importance, known: Mapping[str, Feature]) -> None:
    parts = {
        "must-not-matter": asked.must_not_matter,
        "must-matter": asked.must_matter,
        "top": asked.top.features if asked.top else (),
    }
    for part, names in parts.items():
        if missing := next((name for name in names if name not in known), None):
            raise UsageError(
                f'the model is given no column "{missing}"',
                where=measured.where("explain", "importance", part),
                key=f"explain.importance.{part}",
                fix=did_you_mean(missing, known) or f"it is given {', '.join(list(known)[:20])}.",
            )


def _metric(measured: Measured, asked: Importance, feature: Feature) -> Metric:
    return Metric(
        name=f"model.{measured.name}.importance.{feature.name}", value=feature.importance, n=len(measured.evaluation),
        interval=(feature.low, feature.high), max_drop=asked.max_change, severity=asked.severity,
    )  # fmt: skip


def _table(measured: Measured, features: Sequence[Feature]) -> Check:
    first = ", ".join(f"{one.name} {number(one.importance)}" for one in features[:3])
    return Check(
        id=f"model.{measured.name}.importance",
        status="passed",
        summary=f"importance of {count(len(features), 'column')}: {first}{' …' if len(features) > 3 else ''}",  # noqa: PLR2004
        where=measured.where("explain", "importance"),
        details={
            "interval_method": _SHUFFLES,
            "importances": [_row(one) for one in features[:_SHOWN]],
        },
    )  # fmt: skip


def _row(one: Feature) -> dict[str, Any]:
    numbers = {"importance": one.importance, "from": one.low, "to": one.high}
    return {"column": one.name, **{name: round(value, 6) for name, value in numbers.items()}}


def _judged(measured: Measured, asked: Importance, feature: Feature, *, part: str, judged: tuple[Status, str]) -> Check:
    status, what = judged
    within = f"{number(feature.low)} to {number(feature.high)}"
    said = f"importance of {feature.name} is {number(feature.importance)} ({within})"
    details: dict[str, Any] = {
        "value": feature.importance, "interval": [feature.low, feature.high], "interval_method": _SHUFFLES,
    }  # fmt: skip
    return Check(
        id=f"model.{measured.name}.importance.{feature.name}.{part}",
        status=failed_or_warned(asked.severity) if status == "failed" else status,
        severity=asked.severity,
        summary=said,
        reason=None if status == "passed" else f"{said}: {what}",
        where=measured.where("explain", "importance", part),
        details=details,
    )


def _not_matter(feature: Feature, tolerance: float) -> tuple[Status, str]:
    if feature.low > tolerance:
        return "failed", f"it must not matter, and weighs more than {number(tolerance)}"
    if feature.high <= tolerance:
        return "passed", ""
    return "inconclusive", f"the shuffles cannot tell whether that is more than {number(tolerance)}; more `repeats` can"


def _matter(feature: Feature, tolerance: float) -> tuple[Status, str]:
    if feature.high <= tolerance:
        return "failed", f"it must matter, and weighs no more than {number(tolerance)}"
    if feature.low > tolerance:
        return "passed", ""
    return "inconclusive", f"the shuffles cannot tell whether that is more than {number(tolerance)}; more `repeats` can"


def _among(feature: Feature, features: Sequence[Feature], k: int) -> tuple[Status, str]:
    """Judge whether a feature is among the `k` most important ones: those that are surely above it decide."""
    above = [one.name for one in features if one.low > feature.high]
    place = [one.name for one in features].index(feature.name) + 1
    if len(above) >= k:
        return "failed", f"it must be among the {k} most important, and {', '.join(above[:k])} weigh more"
    maybe = sum(one.high >= feature.low for one in features if one is not feature)
    if maybe < k or place <= k:
        return "passed", ""
    return (
        "inconclusive",
        f"it is number {place}, and the shuffles cannot tell whether it is among the {k} most important",
    )
