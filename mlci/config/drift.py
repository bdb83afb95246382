"""What `drift:` and `freshness:` of `mlci.yaml` say."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, Severity, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """How far the distribution of each column may move from that of a reference."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        other="asset columns",
        demands="baseline",
        fewer="exclude",
        lower="min_distance max_new",
        higher="false_alarm_rate",
        severity="severity",
    )

    asset: str | None = None
    """The asset to compare with, by its name under `data`."""
    baseline: bool = False
    """Compare with the profile of this asset in the baseline."""
    columns: tuple[str, ...] = ()
    """The columns to compare; all but ids and dates when left out."""
    exclude: tuple[str, ...] = ()
    """Columns that are not compared."""
    min_distance: float = 0.1
    """Jensen–Shannon distance (0 to 1) from which a difference matters, however many rows show it."""
    max_new: float = 0.01
    """Share of the rows that may be in categories which the reference does not have."""
    false_alarm_rate: float = 0.01
    """The share of runs without drift that alarm, over all columns of the asset."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionDrift:
    """How far the distribution of a model's predictions may move from the baseline's."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(lower="min_distance max_new", higher="false_alarm_rate", severity="severity")

    min_distance: float = 0.1
    """Jensen–Shannon distance (0 to 1) from which a difference matters, however many examples show it."""
    max_new: float = 0.01
    """Share of the predictions that may be of classes which the baseline does not have."""
    false_alarm_rate: float = 0.01
    """The share of runs without drift that alarm, over all outputs of the model."""
    severity: Severity = "warning"
    """`error` blocks; a better model moves its predictions too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """How old the newest row may be, and how long a time may have no row."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="column by zone", lower="max_age max_gap max_future", binding="format", severity="severity")

    column: str
    """The column with the date or time of each row."""
    max_age: str | None = None
    """The newest row is no older than this: `90m`, `36h`, `7d`, `2w`."""
    max_gap: str | None = None
    """Neighbouring rows in time are no further apart than this."""
    by: tuple[str, ...] = ()
    """Columns that name a series: gaps are looked for in each of them by itself."""
    max_future: str = "1d"
    """How far ahead of now a row may lie; clocks and time zones differ."""
    zone: str = "UTC"
    """The time zone of times without one, as `Europe/Berlin`."""
    format: str | None = None
    """How texts are written, by strftime (`%d.%m.%Y`), or `epoch` and `epoch-ms` for numbers; ISO 8601 if left out."""
    severity: Severity = "error"
    """`warning` reports and does not block."""
