"""Reading JSON that may be of any shape: what is not of the expected one is taken for unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def inside(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return the object below `keys`; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def text(value: Any) -> str:
    """Return a text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def matching(form: re.Pattern[str], value: Any) -> str:
    """Return a text that has the whole of a form; an empty one for anything else."""
    return value if isinstance(value, str) and form.fullmatch(value) else ""


def whole(value: Any) -> int:
    """Return a number above 0; 0 for anything else."""
    return value if type(value) is int and value > 0 else 0
