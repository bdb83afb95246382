"""What a change does to the rules that it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlci.errors import Where

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}

Kind = Literal["loosened", "deleted", "edited", "tightened", "added", "binding"]

LOOSE: tuple[Kind, ...] = ("loosened", "deleted", "edited")
"""The kinds that block unless a maintainer lets them pass; of what was edited nobody can tell the direction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChange:
    """One rule that the change has otherwise than its base, or one binding: what a rule is applied to."""

    __pydantic_config__ = READ

    kind: Kind
    """`loosened`, `deleted` and `edited` block unless they are accepted; `tightened` and `added` are in force at once;
    a `binding` (paths, interpreters, columns) is the change's own and listed."""
    what: str
    """The rule: the key of `mlci.yaml`, or the file and what of it."""
    where: Where | None = None
    """Where it stands, or stood."""
    before: str | None = None
    """What the base says; nothing where it says nothing."""
    after: str | None = None
    """What the change says."""
    accepted: bool = False
    """Whether a maintainer lets it pass."""

    @property
    def is_loose(self) -> bool:
        """Whether it lets more pass than the base does, as far as can be told."""
        return self.kind in LOOSE

    @property
    def word(self) -> str:
        """What happened to it, in a word."""
        return "changed" if self.kind == "binding" else self.kind

    @property
    def line(self) -> str:
        """The change in one plain line, as `model.m.metrics.accuracy.min loosened: 0.8 → 0.5`; it is untrusted."""
        shown = [each for each in (self.before, self.after) if each is not None]
        return f"{self.what} {self.word}: {' → '.join(shown)}" if shown else f"{self.what} {self.word}"


def loosened(changes: Sequence[RuleChange]) -> tuple[RuleChange, ...]:
    """Return the changes that let more pass, as far as can be told."""
    return tuple(change for change in changes if change.is_loose)


def others(changes: Sequence[RuleChange]) -> tuple[RuleChange, ...]:
    """Return the changes that let nothing more pass."""
    return tuple(change for change in changes if not change.is_loose)


def is_let_pass(changes: Sequence[RuleChange]) -> bool:
    """Whether a maintainer lets all of several loosened rules pass."""
    return all(change.accepted for change in changes)
