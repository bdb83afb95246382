"""What `find-slices:` and `analyse:` of a model say."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, Severity, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class FindSlices:
    """The search for parts of the evaluated examples where the model is weak, or where it got worse."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="columns", higher="conditions false_alarm_rate", lower="min_size", severity="severity")

    columns: tuple[str, ...] | None = None
    """The columns to look at; all of the evaluation data but id, label and group when left out."""
    conditions: int = 2
    """The most conditions of a slice, as `tag = mlops and length(text) < 60`."""
    min_size: int = 50
    """The fewest examples of a slice."""
    false_alarm_rate: float = 0.05
    """The chance that anything is named where there is nothing, of each of the two searches."""
    severity: Severity = "warning"
    """`error` blocks where a slice is found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Analyse:
    """Error analysis: confusion matrix, calibration or residuals, mistakes, clusters of mistakes."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(shown="data examples")

    data: str | None = None
    """Examples that may be looked at, with the columns of `evaluate`; without it there are aggregates only."""
    examples: int = 10
    """How many of the most confident mistakes are kept; they are shown where `show-values` is on."""
