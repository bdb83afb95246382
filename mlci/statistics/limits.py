"""How much worse each metric and suite may get."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from mlci.errors import UsageError, did_you_mean

Limit = float | str | None
DEFAULT = 0.01


def limit_of(limits: Limit | Mapping[str, Limit], name: str, *, default: Limit = None) -> Limit:
    """Return the limit of `name`: one for all, or its own entry, or `default` where a mapping has none."""
    return limits.get(name, default) if isinstance(limits, Mapping) else limits


def resolve(limit: Limit, baseline: float | None) -> float | None:
    """Return a limit in the metric's own unit: `2%` is of the size of the baseline's value."""
    if limit is None or not isinstance(limit, str):
        return limit
    return None if baseline is None else abs(baseline) * float(limit.strip().removesuffix("%")) / 100


def refuse_bad_limits(limits: Limit | Mapping[str, Limit], known: Collection[str]) -> None:
    """Raise `UsageError` for a limit that is negative or no number, or whose name is no metric or suite."""
    named = limits if isinstance(limits, Mapping) else {"max_drop": limits}
    for name, limit in named.items():
        if isinstance(limits, Mapping) and name not in known:
            raise UsageError(f'max_drop names "{name}", which is not compared.', fix=did_you_mean(name, known))
        if limit is not None and not _is_limit(limit):
            raise UsageError(f"max_drop of {name} is {limit!r}.", fix="Give a number from 0 on, or a share as 2%.")


def _is_limit(limit: float | str) -> bool:
    try:
        number = float(limit.strip().removesuffix("%")) if isinstance(limit, str) else float(limit)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and number >= 0 and (not isinstance(limit, str) or limit.strip().endswith("%"))
