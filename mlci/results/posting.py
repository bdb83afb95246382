"""How a project wants its results to be posted, and which legs merged results are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mlci.results.status import Verdict

CommentMode = Literal["always", "changes", "failures", "never"]
MODES: tuple[CommentMode, ...] = ("always", "changes", "failures", "never")
"""From the one that writes most to the one that writes nothing."""

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """What `publish:` of the configuration says; the options of `mlci publish` go before it."""

    __pydantic_config__ = READ

    comment: CommentMode = "always"
    """When the comment is written."""
    comment_id: str | None = None
    """The name of the comment, where it is not `default`."""
    check_run: bool = False
    """Whether a check run is written."""
    mermaid: bool = False
    """Whether the comment has Mermaid charts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One of the results that merged results were made of: a leg of a matrix, or a project."""

    __pydantic_config__ = READ

    name: str
    """What its checks and numbers are told apart by."""
    verdict: Verdict
    """How it ended."""
    commit: str | None = None
    """The commit that was checked out in it."""
