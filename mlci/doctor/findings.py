"""What the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["fine", "note", "missing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    """What it is, as `pytest`."""
    says: str
    """What was found: a version, a path, or what is wrong."""
    state: State = "fine"
    """`missing` keeps something in `mlci.yaml` from running; a note does not."""
    fix: str = ""
    """The command or the step that mends it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Findings about one thing."""

    title: str
    findings: tuple[Finding, ...]


def is_missing(sections: tuple[Section, ...]) -> bool:
    """Whether something that is needed is not there."""
    return any(finding.state == "missing" for section in sections for finding in section.findings)
