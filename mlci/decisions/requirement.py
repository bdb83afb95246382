"""`require: non-inferiority`: what is not shown to be within its limit blocks too."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from mlci.config.model import Config
from mlci.decisions.changes import with_changes
from mlci.results.model import Change, Comparison, Metric, Severity, failed_or_warned

_STRICT = "non-inferiority"


def strict_models(config: Config) -> frozenset[str]:
    """Return the models of which every limit on a drop must be shown to be kept."""
    usual = config.baseline.require if config.baseline else "no-regression"
    return frozenset(name for name, model in config.model.items() if (model.require or usual) == _STRICT)


def require(comparison: Comparison, metrics: Iterable[Metric], *, strict: Collection[str]) -> Comparison:
    """Return the comparison with every limit of a strict model that is not shown to be kept turned into a failure.

    Shown means paired example by example, or judged by the runs before: the plain tolerance knows nothing of chance.
    `metrics` are those of this run, with their severities.
    """
    severities = {(one.name, one.slice): one.severity for one in metrics if one.name.startswith("model.")}
    names = {f"{model}." for model in strict}
    changes = tuple(
        _required(change, severities.get((change.metric, change.slice), "error"))
        if any(change.metric.startswith(f"model.{name}") for name in names)
        else change
        for change in comparison.changes
    )
    return comparison if changes == comparison.changes else with_changes(comparison, changes)


def _required(change: Change, severity: Severity) -> Change:
    plain = change.status == "passed" and change.upper_bound is None
    if change.max_drop is None:
        return change
    if not (plain or change.status == "inconclusive"):
        return replace(change, strict=True)
    why = "it was compared by the plain tolerance, which knows nothing of chance" if plain else change.reason
    name = change.metric if change.slice is None else f"{change.metric} [{change.slice}]"
    said = f"{name} is not shown to be within its limit (non-inferiority): {why}"
    return replace(change, status=failed_or_warned(severity), reason=said, strict=True)
