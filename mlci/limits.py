"""A number against its limits, and a drop against its tolerance: pure functions."""

from __future__ import annotations

from dataclasses import replace

from mlci.config.model import Limits
from mlci.results.model import Check, failed_or_warned

# A drop that is exactly the tolerance must pass: 0.80 - 0.79 is 0.010000000000000009 in binary.
_ROUNDING = 1e-9


def judge(check: Check, subject: str, value: float, limits: Limits, *, n: int | None = None) -> Check:
    """Return `check` with its status, summary and reason for `value` under `min` and `max`."""
    shown = f"{subject} is {number(value)}" + (f" (n = {n})" if n is not None else "")
    details = {**check.details, "value": value, "min": limits.min, "max": limits.max}
    broken = _broken(subject, value, limits)
    if broken:
        status = failed_or_warned(limits.severity)
        return replace(check, status=status, summary=shown, reason=broken, details=details)
    return replace(check, status="passed", summary=f"{shown}{_kept(limits)}", reason=None, details=details)


def number(value: float) -> str:
    """Write a number for people: four significant digits behind the point at most, whole ones whole."""
    if value == int(value) and abs(value) < 1e15:  # noqa: PLR2004 - where floats stop being exact
        return str(int(value))
    return f"{value:.4f}".rstrip("0").rstrip(".") if 1e-3 <= abs(value) < 1e6 else f"{value:.4g}"  # noqa: PLR2004


def tolerance(max_drop: float | str, baseline: float) -> float:
    """Return how far a number may fall below `baseline`: `0.01` as it is, `"2%"` of the baseline's size."""
    if isinstance(max_drop, str):
        return float(max_drop.replace("%", "")) / 100 * abs(baseline)
    return float(max_drop)


def exceeds(drop: float, allowed: float) -> bool:
    """Whether `drop` is larger than what is allowed, apart from the rounding of binary numbers."""
    return drop > allowed + _ROUNDING * max(1.0, abs(allowed))


def apart(value: float, other: float) -> tuple[str, str]:
    """Write two numbers so that they read alike only when they are."""
    if value != other and number(value) == number(other):
        return repr(value), repr(other)
    return number(value), number(other)


def _broken(subject: str, value: float, limits: Limits) -> str:
    if limits.min is not None and value < limits.min:
        shown, bound = apart(value, limits.min)
        return f"{subject} is {shown}, below the minimum of {bound}"
    if limits.max is not None and value > limits.max:
        shown, bound = apart(value, limits.max)
        return f"{subject} is {shown}, above the maximum of {bound}"
    return ""


def _kept(limits: Limits) -> str:
    parts = [
        f"at least {number(limits.min)}" if limits.min is not None else "",
        f"at most {number(limits.max)}" if limits.max is not None else "",
    ]
    said = " and ".join(part for part in parts if part)
    return f", {said} asked for" if said else ""
