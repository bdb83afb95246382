"""A number against its limits, and a drop against its tolerance: pure functions."""

from __future__ import annotations

from dataclasses import replace

from mlci.config.common import Limits
from mlci.numbers import number, pair
from mlci.results.model import Check, failed_or_warned

# A drop that is exactly the tolerance must pass: 0.80 - 0.79 is 0.010000000000000009 in binary.
_ROUNDING = 1e-9


def judge(check: Check, subject: str, value: float, limits: Limits, *, n: int | None = None) -> Check:
    """Return `check` with its status, summary and reason for `value` under `min` and `max`."""
    details = {**check.details, "value": value, "min": limits.min, "max": limits.max}
    shown, broken = _broken(value, limits)
    summary = f"{subject} is {shown}" + (f" (n = {n})" if n is not None else "")
    if broken:
        status = failed_or_warned(limits.severity)
        return replace(check, status=status, summary=summary, reason=f"{summary}, {broken}", details=details)
    return replace(check, status="passed", summary=f"{summary}{_kept(limits)}", reason=None, details=details)


def tolerance(max_drop: float | str, baseline: float) -> float:
    """Return how far a number may fall below `baseline`: `0.01` as it is, `"2%"` of the baseline's size."""
    if isinstance(max_drop, str):
        return float(max_drop.replace("%", "")) / 100 * abs(baseline)
    return float(max_drop)


def exceeds(drop: float, allowed: float) -> bool:
    """Whether `drop` is larger than what is allowed, apart from the rounding of binary numbers."""
    return drop > allowed + _ROUNDING * max(1.0, abs(allowed))


def _broken(value: float, limits: Limits) -> tuple[str, str]:
    """Return the value as it is shown, and which limit it breaks, if it does."""
    if limits.min is not None and exceeds(limits.min, value):
        shown, bound = pair(value, limits.min)
        return shown, f"below the minimum of {bound}"
    if limits.max is not None and exceeds(value, limits.max):
        shown, bound = pair(value, limits.max)
        return shown, f"above the maximum of {bound}"
    return number(value), ""


def _kept(limits: Limits) -> str:
    parts = [
        f"at least {number(limits.min)}" if limits.min is not None else "",
        f"at most {number(limits.max)}" if limits.max is not None else "",
    ]
    said = " and ".join(part for part in parts if part)
    return f", {said} asked for" if said else ""
