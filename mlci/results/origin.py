"""Which run of which CI results are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

READ: dict[str, Any] = {"extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A run of a CI, as its environment told of it; what is not known is empty.

    Results come from where the project's code runs, so this is what they say of themselves and no proof.
    """

    __pydantic_config__ = READ

    ci: str
    """`github` or `gitlab`."""
    event: str = ""
    """What started it, as `pull_request`."""
    repository: str = ""
    """The repository that it ran in, as `owner/name`."""
    number: int | None = None
    """The pull request or merge request that it is about."""
    head: str = ""
    """The last commit of the change; what is checked out may be a merge of it."""
    run: str = ""
    """The id of the workflow run or pipeline."""
    attempt: int = 1
    """Which attempt of that run."""
    folder: str = ""
    """The project's folder, relative to the root of git and with a slash at its end; empty for the root itself."""
