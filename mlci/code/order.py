"""The order that tests run in, where a plugin shuffles them: by a seed that is chosen here, told, and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_TOLD = re.compile(r"Using (--(?:randomly|random-order)-seed=\S+)")
_OPTION = "--randomly-seed="


def seed_options(installed: Mapping[str, str], options: Sequence[str], env: Mapping[str, str], seed: int) -> list[str]:
    """Return the option that lets pytest-randomly use `seed`; nothing where it is not there or told otherwise."""
    off = "no:randomly" in " ".join(options).replace("-pno:", "no:") or "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in env
    chosen = any(option.partition("=")[0] == _OPTION.rstrip("=") for option in options)
    return [] if "pytest-randomly" not in installed or off or chosen else [f"{_OPTION}{seed}"]


def told_seed(options: Sequence[str], printed: str) -> str | None:
    """Return the option by which the same order comes again: the one that was given, else the one that is printed."""
    given = next((option for option in options if option.startswith(_OPTION) and not option.endswith("=last")), None)
    found = _TOLD.search(printed)
    return given or (found[1] if found else None)
