"""Files that are rows, of which each asks for something: word lists, and examples that must not break."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from mlci.errors import Where
from mlci.numbers import count
from mlci.results.rules import RuleChange
from mlci.rules.spots import Spot

_LINES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")


def compare_rows(before: str, after: str, spot: Spot) -> Iterator[RuleChange]:
    """Yield what changed in a file of rows, named `before` at the base and `after` at the head.

    Rows may change places. Of a file that is not text nobody can tell which rows are gone.
    """
    old, new = spot.sides.base.read(before), spot.sides.head.read(after)
    if old is None or old == new:
        return
    at = Where(path=after)
    if new is None:
        yield RuleChange(kind="deleted", what=before, where=spot.where)
        return
    if not after.lower().endswith(_LINES):
        yield RuleChange(kind="edited", what=after, where=at)
        return
    then, now = _rows(old, after), _rows(new, after)
    gone, come = (then - now).total(), (now - then).total()
    told = count(then.total(), "row"), count(now.total(), "row")
    if gone:
        what = f"{after}: {count(gone, 'row')} gone or changed"
        yield RuleChange(kind="loosened", what=what, where=at, before=told[0], after=told[1])
    elif come:
        yield RuleChange(kind="tightened", what=after, where=at, before=told[0], after=told[1])


def _rows(raw: bytes, name: str) -> Counter[str]:
    lines = [line.strip() for line in raw.decode("utf-8-sig", "replace").splitlines()]
    kept = [line for line in lines if line]
    return Counter(map(_canonical, kept) if name.lower().endswith((".jsonl", ".ndjson")) else kept)


def _canonical(line: str) -> str:
    try:
        return json.dumps(json.loads(line), sort_keys=True)
    except ValueError:
        return line
