"""What `when:` of a gate, an asset, a model, a metrics file or a behaviour suite says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.config.common import CHECKED, Limits, ruled

if TYPE_CHECKING:
    from mlci.config.model import MetricEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """The condition under which something is looked at; where it is not met, it is skipped with the reason."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="changed")

    changed: tuple[str, ...]
    """Files, folders and patterns (`src/**/*.py`), of which one must have changed; `!docs/**` takes some out again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BehaviourSuite:
    """Behaviour suites with a condition."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(named="suite", condition="when")

    suite: str
    """The file, or a pattern of files."""
    when: When | None = None
    """The condition under which they run."""


WHEN = "when"


def numbers_of(entries: Mapping[str, MetricEntry]) -> dict[str, Limits]:
    """Return the numbers of a metrics file with their limits, without the condition that may stand among them."""
    return {name: entry for name, entry in entries.items() if isinstance(entry, Limits)}


def when_of(entries: Mapping[str, MetricEntry]) -> When | None:
    """Return the condition of a metrics file, where it has one."""
    entry = entries.get(WHEN)
    return entry if isinstance(entry, When) else None
