"""What a comment was about, in an invisible line of it, so that the next run can tell whether anything changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlci.reports.findings import findings, verdict
from mlci.results.model import Results
from mlci.results.posting import CommentMode

_LINE = re.compile(r"<!-- mlci-state (passed|failed|errored) ([0-9a-f]{16}) -->")
_DIGITS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A verdict, and a digest of what was found."""

    verdict: str
    found: str

    @property
    def line(self) -> str:
        """The invisible line that says it."""
        return f"<!-- mlci-state {self.verdict} {self.found} -->"


def state_of(results: Results) -> State:
    """Return the state of `results`; the numbers in its findings may move without changing it."""
    found = sorted((finding.kind, finding.status, finding.subject) for finding in findings(results))
    return State(verdict=verdict(results), found=_digest(found))


def state_in(body: str) -> State:
    """Return the state that the second line of a comment says; one that is like no other where it says none."""
    lines = body.split("\n", 2)
    told = _LINE.fullmatch(lines[1].rstrip("\r")) if len(lines) > 1 else None
    return State(verdict=told[1], found=told[2]) if told else State(verdict="unknown", found="")


NOTHING = State(verdict="passed", found=hashlib.sha256(b"[]").hexdigest()[:_DIGITS])
"""A change that passed, of which there is nothing to tell."""


def is_wanted(mode: CommentMode, *, before: State | None, now: State) -> bool:
    """Whether a comment of the state `now` is to be written over the one of the state `before`; None is no comment."""
    match mode:
        case "always":
            return True
        case "changes":
            return now != (before or NOTHING)
        case "failures":
            return now.verdict != "passed" or (before is not None and before.verdict != "passed")
        case "never":
            return False


def _digest(found: Sequence[tuple[str, str, str]]) -> str:
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:_DIGITS]
