"""What `find-slices:` and `analyse:` of a model say."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class FindSlices:
    """The search for parts of the evaluated examples where the model is weak, or where it got worse."""

    __pydantic_config__ = CHECKED

    columns: tuple[str, ...] | None = None
    """The columns to look at; all of the evaluation data but id and group when left out."""
    conditions: int = 2
    """The most conditions of a slice, as `tag = mlops and length(text) < 60`."""
    min_size: int = 50
    """The fewest examples of a slice."""
    false_alarm_rate: float = 0.05
    """The chance that anything is named where there is nothing, of each of the two searches."""
    severity: Severity = "warning"
    """`error` blocks where a slice is found."""
