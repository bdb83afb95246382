"""What `publish:` says: what `mlci publish` posts, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlci.config.common import CHECKED, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Publish:
    """What is posted on a pull request; the options of `mlci publish` go before it."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(shown="comment comment_id check_run mermaid")

    comment: Literal["always", "changes", "failures", "never"] = "always"
    """When the comment is written: after every run, when the verdict or the findings changed, while something blocks
    (and once more when nothing does any longer), or never."""
    comment_id: str | None = None
    """The name of the comment, for several in one pull request: at most 60 letters, digits, dots, dashes and
    underscores; `default` when left out."""
    check_run: bool = False
    """Write a check run too, with an annotation at every finding's line; the job needs `checks: write`."""
    mermaid: bool = False
    """Draw how numbers went so far as Mermaid charts too, folded; mail shows their source."""
