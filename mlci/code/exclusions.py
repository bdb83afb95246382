"""Lines that a project takes out of the measurement, and those of them without a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlci.code.coverage import Measured
from mlci.results.model import Check

EXCLUDED = "code.coverage.excluded"
_PRAGMA = re.compile(r"#\s*pragma:?\s*no\s*cover\b(?P<rest>[^#\n]*)(?:#(?P<comment>.*))?", re.IGNORECASE)
_MOST = 200


def without_reason(text: str, excluded: frozenset[int]) -> Iterator[int]:
    """Yield the excluded lines whose `# pragma: no cover` has no word of why after it, or in a second comment."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _PRAGMA.search(line) if number in excluded else None
        if found and not re.search(r"\w", f"{found['rest']}{found['comment'] or ''}"):
            yield number


def of_exclusions(measured: Measured, read: Callable[[str], str | None]) -> Check | None:
    """Return what there is to tell of excluded lines; None where there are none. `read` gives the text of a file."""
    if not measured.total.excluded:
        return None
    bare = {
        name: found for name, lines in sorted(measured.lines.items()) if (found := _bare(name, lines.excluded, read))
    }
    amount = sum(map(len, bare.values()))
    said = f"; {amount} `no cover` without a reason" if amount else ""
    count = measured.total.excluded
    return Check(
        id=EXCLUDED,
        status="passed",
        summary=f"{count} {'line is' if count == 1 else 'lines are'} excluded from coverage{said}",
        details=_details(count, bare),
    )


def _bare(name: str, excluded: frozenset[int], read: Callable[[str], str | None]) -> list[int]:
    text = read(name) if excluded else None
    return [] if text is None else list(without_reason(text, excluded))


def _details(count: int, bare: Mapping[str, list[int]]) -> dict[str, Any]:
    listed = [f"{name}:{line}" for name, lines in bare.items() for line in lines]
    return {"excluded": count, "without_reason": listed[:_MOST]}
