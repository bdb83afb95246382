"""What `diff:` of a data asset says."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, Severity, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """What a change may do to a data file; without limits the difference is shown and does not block."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        lower="max_added max_removed max_changed",
        demands="same_columns",
        fewer="ignore",
        higher="max_size_mb",
        severity="severity",
    )

    max_added: float | str | None = None
    """How many rows may be new: a number, or a share of the rows before as `5%`."""
    max_removed: float | str | None = None
    """How many rows may be gone."""
    max_changed: float | str | None = None
    """How many rows of the same `key` may have another value."""
    same_columns: bool = False
    """Whether columns and their types must stay as they are."""
    ignore: tuple[str, ...] = ()
    """Columns that are not compared."""
    max_size_mb: float = 256
    """Files of more megabytes than this are not compared."""
    severity: Severity = "error"
    """`warning` reports and does not block."""

    @property
    def limits(self) -> tuple[str, ...]:
        """The keys that limit a change."""
        named = ("max_added", "max_removed", "max_changed")
        columns = ("same-columns",) if self.same_columns else ()
        return (*(name.replace("_", "-") for name in named if getattr(self, name) is not None), *columns)
