"""The tests of a run beside those of the baseline: pure functions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.code.junit import TestRun
from mlci.code.record import CodeRecord, TestRecord
from mlci.results.model import Check

CHANGES = "code.tests.changes"
_SLOW_S = 1.0
_TIMES_SLOWER = 2.0
_ALIKE = 0.7
_MOST_PAIRED = 300
_LISTED = 100
_BAD = ("failed", "error")


@dataclass(frozen=True, kw_only=True, slots=True)
class TestChanges:
    """What became otherwise since the baseline, by the ids of tests."""

    __test__ = False  # its name must not make pytest take it for a test

    failing_before: frozenset[str] = frozenset()
    """Those that fail and did so at the baseline."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Old and new id of tests that look moved or renamed."""
    skipped: tuple[str, ...] = ()
    """Those that are skipped and were not."""
    slower: tuple[tuple[str, float, float], ...] = ()
    """Those that take much longer, with seconds before and now."""


def changes_of(tests: Sequence[TestRun], before: CodeRecord, moved: Mapping[str, str]) -> TestChanges:
    """Return how `tests` differ from those `before`; `moved` has the old path of files by their new one."""
    now = {test.id: test for test in tests if not test.of_collection}
    gone = [name for name in before.tests if name not in now]
    new = [name for name in now if name not in before.tests]
    renamed = _renamed(gone, new, moved)
    was = {**{name: name for name in now if name in before.tests}, **{new: old for old, new in renamed}}
    known = {name: before.tests[old] for name, old in was.items()}
    both = {name for pair in renamed for name in pair}
    return TestChanges(
        failing_before=frozenset(name for name, one in known.items() if _fails(now[name]) and one.outcome in _BAD),
        added=tuple(sorted(set(new) - both)),
        removed=tuple(sorted(set(gone) - both)),
        renamed=tuple(sorted(renamed)),
        skipped=tuple(sorted(name for name, one in known.items() if _newly_skipped(now[name], one))),
        slower=tuple(_slower(now, known)),
    )


def _fails(test: TestRun) -> bool:
    return test.outcome in _BAD


def _newly_skipped(test: TestRun, before: TestRecord) -> bool:
    return test.outcome == "skipped" and before.outcome != "skipped"


def _slower(now: Mapping[str, TestRun], known: Mapping[str, TestRecord]) -> list[tuple[str, float, float]]:
    """Return tests that take a second more and twice as long; two machines differ by less than that, mostly."""
    found = [
        (name, one.seconds, now[name].seconds)
        for name, one in known.items()
        if now[name].seconds - one.seconds > _SLOW_S and now[name].seconds > _TIMES_SLOWER * one.seconds
    ]
    return sorted(found, key=lambda each: (each[1] - each[2], each[0]))


def _renamed(gone: Sequence[str], new: Sequence[str], moved: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pair tests that are gone with new ones: of the same name in another file, else of nearly the same in one."""
    left = dict.fromkeys(gone)
    called: dict[str, list[str]] = {}
    for name in gone:
        called.setdefault(name.partition("::")[2], []).append(name)
    pairs: list[tuple[str, str]] = []
    for name in new:
        file, _, rest = name.partition("::")
        old = f"{moved[file]}::{rest}" if file in moved else ""
        if old not in left:
            alike = [each for each in called.get(rest, ()) if rest and each in left]
            old = alike[0] if len(alike) == 1 else ""
        if old:
            pairs.append((old, name))
            del left[old]
    paired = {name for _, name in pairs}
    return pairs + _nearly([name for name in new if name not in paired], list(left))


def _nearly(new: Sequence[str], gone: list[str]) -> list[tuple[str, str]]:
    """Pair tests of one file whose names are nearly the same."""
    pairs: list[tuple[str, str]] = []
    if len(new) > _MOST_PAIRED or len(gone) > _MOST_PAIRED:
        return pairs
    for name in new:
        file = name.partition("::")[0]
        beside = {_telling(each): each for each in gone if each.partition("::")[0] == file}
        near = difflib.get_close_matches(_telling(name), beside, n=1, cutoff=_ALIKE) if "::" in name else []
        pairs += [(beside[old], name) for old in near]
        gone = [each for each in gone if each not in {beside[old] for old in near}]
    return pairs


def _telling(name: str) -> str:
    """Return the part of a test's name that others do not have too."""
    return name.partition("::")[2].replace("test_", "").replace("Test", "")


def of_changes(changes: TestChanges) -> Check | None:
    """Return the check of tests that are gone or skipped now, which warns; None where nothing changed."""
    said = [
        f"{len(found)} {words}"
        for words, found in (
            ("removed", changes.removed),
            ("newly skipped", changes.skipped),
            ("renamed", changes.renamed),
            ("added", changes.added),
            ("much slower", changes.slower),
        )
        if found
    ]
    if not said:
        return None
    lost = [*changes.removed, *changes.skipped]
    summary = f"tests beside the baseline's: {', '.join(said)}"
    return Check(
        id=CHANGES,
        status="warned" if lost else "passed",
        severity="warning",
        summary=summary,
        reason=f"{_words(changes)}: {_named(lost)}" if lost else None,
        details=_details(changes),
    )


def _words(changes: TestChanges) -> str:
    parts = [(len(changes.removed), "no longer there"), (len(changes.skipped), "newly skipped")]
    return " and ".join(
        f"{number} {'test is' if number == 1 else 'tests are'} {what}" for number, what in parts if number
    )


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - shown


def _details(changes: TestChanges) -> dict[str, Any]:
    return {
        "removed": _listed(changes.removed),
        "newly_skipped": _listed(changes.skipped),
        "renamed": _listed(f"{old} → {new}" for old, new in changes.renamed),
        "slower": _listed(f"{name}: {before:.2f} s → {now:.2f} s" for name, before, now in changes.slower),
        "added": _listed(changes.added),
    }


def _listed(names: Iterable[str]) -> list[str]:
    return list(names)[:_LISTED]
