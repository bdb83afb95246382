"""The lines that a change touches, so that annotations stand where a reviewer sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlci.git import Repository

Lines = Mapping[str, tuple[range, ...]]
"""By path from the root of git, the lines that are new or changed."""

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_MOST = 20_000_000


def changed_lines(repository: Repository | None, base: str | None) -> Lines:
    """Return the lines that differ between the commit `base` and the one that is checked out; nothing when unknown."""
    if repository is None or base is None or not _COMMIT.fullmatch(base):
        return {}
    plain = ("-c", "diff.noprefix=no", "-c", "core.quotePath=off", "-c", "diff.external=")
    text = repository.ask(*plain, "diff", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv", base, "HEAD")
    return parsed(text[:_MOST]) if text else {}


def parsed(text: str) -> Lines:
    """Return the lines of a diff without context."""
    found: dict[str, list[range]] = {}
    path = ""
    for line in text.split("\n"):
        if line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/").rstrip("\t")
        elif path and (hunk := _HUNK.match(line)):
            start = int(hunk["start"])
            found.setdefault(path, []).append(range(start, start + int(hunk["count"] or 1)))
    return {name: tuple(ranges) for name, ranges in found.items()}


def touches(lines: Lines, path: str, line: int | None) -> bool:
    """Whether a line, or any of a file where none is known, is among the changed ones."""
    ranges = lines.get(path, ())
    return bool(ranges) if line is None else any(line in one for one in ranges)
