"""Taking the dotted names of checks and numbers apart: `leg/gate.subject.what`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlci.results.model import GATES, RULES

_NAME = re.compile(rf"(?:(?P<leg>.{{1,200}}?)/)??(?P<gate>{'|'.join((*GATES, RULES))})\.(?P<rest>.+)", re.DOTALL)
_LONGEST = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """The parts of a name; those that it does not have are empty."""

    leg: str
    """The leg of a matrix, or the project, that merged results tell apart by."""
    gate: str
    rest: str
    """What follows the gate, or the whole of a name of another form."""

    @property
    def subject(self) -> str:
        """The file, model or kind that the name is about."""
        return self.rest.partition(".")[0]


def parts(name: str) -> Name:
    """Take `name` apart."""
    found = _NAME.fullmatch(name[:_LONGEST])
    if not found:
        return Name(leg="", gate="", rest=name)
    return Name(leg=found["leg"] or "", gate=found["gate"], rest=found["rest"])
