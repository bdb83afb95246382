"""What kept a run from beginning: a configuration that is wrong, or a request that cannot be met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlci.errors import Where

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One reason why no gate ran."""

    __pydantic_config__ = READ

    text: str
    """What is wrong and what to do about it."""
    key: str = ""
    """The key of the configuration, or the option, that it is about."""
    where: Where | None = None
    """The file and line that the reader should look at."""
    usage: bool = True
    """Whether the configuration or the command line is wrong, so that the exit code is 2."""
