"""Whether a condition (`when: {changed: […]}`) is met by the files that changed, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlci.changed.files import Changed
from mlci.config.when import WHEN, When
from mlci.errors import Where
from mlci.locations import stands_for
from mlci.results.model import Check, Gate

_SHOWN = 3


def unmet(when: When, changed: Changed, *, config: str) -> str | None:
    """Return why what `when` stands at is not looked at; None where it is.

    A change to the file `config`, where conditions stand themselves, meets every one of them, and so does a change
    that nobody knows.
    """
    if changed.paths is None or config in changed.paths:
        return None
    if any(_chosen(when.changed, Path(path)) for path in changed.paths):
        return None
    named = ", ".join(f"`{pattern}`" for pattern in when.changed[:_SHOWN])
    more = f" and {len(when.changed) - _SHOWN} more" if len(when.changed) > _SHOWN else ""
    return f"not looked at, since `when` is not met: nothing of {named}{more} changed {changed.told}"


def left_out(identity: str, what: str, reason: str, when: When, where: Where) -> Check:
    """Return the skipped check of `what` whose condition `when`, written at `where`, is not met."""
    details = {WHEN: {"changed": list(when.changed)}}
    return Check(id=identity, status="skipped", summary=what, reason=reason, where=where, details=details)


def numbers_left_out(gates: Iterable[Gate]) -> frozenset[str]:
    """Return what the names of numbers begin with that a condition left out of a run."""
    return frozenset(
        check.id for gate in gates for check in gate.checks if check.status == "skipped" and WHEN in check.details
    )


def _chosen(patterns: tuple[str, ...], file: Path) -> bool:
    """Whether the last of `patterns` that stands for `file` takes it in; all are relative to one folder."""
    chosen = False
    for pattern in patterns:
        if stands_for(Path(pattern.removeprefix("!")), file):
            chosen = not pattern.startswith("!")
    return chosen
