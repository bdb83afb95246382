"""What was found of rows in common, and the check that tells it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.data.failing_rows import MOST
from mlci.errors import CannotRun, Where
from mlci.limits import exceeds
from mlci.numbers import count, number, percent
from mlci.results.model import Check, Severity, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.across.near import Near
    from mlci.data.asset_checks import Subject
    from mlci.data.sources.engine import Engine

SHOWN = 20
MOST_PAIRS = 1_000_000
_VALUES = 5

Pair = tuple[int, int, float]
"""The number of a row, that of a row like it, and their similarity, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlap:
    """Rows that have a copy, and their copies."""

    rows: tuple[int, ...]
    """The numbers of the rows of the asset that have one, the first of them."""
    count: int
    """How many there are."""
    others: int
    """How many rows of the other side have a copy in the asset."""
    compared: int
    """Rows of the asset that have anything to compare."""
    pairs: tuple[Pair, ...]
    """Each such row with the first like it, at most `MOST_PAIRS`."""
    values: tuple[Any, ...] = ()
    """What stands in the first pairs."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What else is to be told of how rows were compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What must have nothing in common."""

    part: str
    """The end of the check's id."""
    where: Where
    columns: tuple[str, ...]
    near: bool
    others: str
    """Where the copies stand, in words: "in `holdout`"."""
    max_share: float
    severity: Severity


def overlap_of(
    engine: Engine, columns: Sequence[int], *, one_asset: bool, notes: Mapping[str, Any] | None = None
) -> Overlap:
    """Return what the tables `pairs` and `touched` hold of the rows of `both_`; with `one_asset` all parts are it."""
    ask = engine.connection.execute
    ours = "true" if one_asset else "part = 0"
    present = " or ".join(f"k{position} is not null" for position in columns)
    (compared,) = ask(f"select count(*) from both_ where {ours} and ({present})").fetchone()
    (counted, others) = ask(f"select count(*) filter ({ours}), count(*) filter (not ({ours})) from touched").fetchone()
    rows = ask(f"select row from touched where {ours} order by row limit {MOST}").fetchall()
    pairs = ask(f"select row, other, similarity from pairs order by row, other limit {MOST_PAIRS}").fetchall()
    return Overlap(
        rows=tuple(row for (row,) in rows),
        count=counted,
        others=others,
        compared=compared,
        pairs=tuple(pairs),
        values=_values(engine, columns),
        notes=notes or {},
    )


def _values(engine: Engine, columns: Sequence[int]) -> tuple[Any, ...]:
    chosen = ", ".join(f"{side}.k{position}::varchar" for side in ("a", "b") for position in columns)
    found = engine.connection.execute(f"""
        select {chosen} from (select * from pairs order by row, other limit {_VALUES}) p
        join both_ a on a.part = p.part and a.row = p.row
        join both_ b on b.part = p.other_part and b.row = p.other order by p.row, p.other
    """).fetchall()
    width = len(columns)
    return tuple([list(row[:width]), list(row[width:])] for row in found)


def near_notes(near: Near, threshold: float, min_words: int) -> dict[str, Any]:
    """Return how texts were compared, in plain words."""
    notes: dict[str, Any] = {"similarity": f"at least {number(threshold)} of the words, in their order"}
    if near.short:
        notes["too_short"] = f"{count(near.short, 'row')} with fewer than {min_words} different words, compared exactly"
    if near.crowded:
        notes["crowded"] = (
            f"{count(near.crowded, 'text')} that share their rarest words with many others, compared with the first "
            f"{near.crowd} of them"
        )
    return notes


def check_of(subject: Subject, asked: Asked, found: Overlap, *, things: str = "row") -> Check:
    """Return the check of what was found; failing rows go to their CSV file, pairs to one of their own."""
    share = found.count / found.compared if found.compared else 0.0
    failed = bool(found.count) and exceeds(share, asked.max_share)
    copies = "a copy or near copy" if asked.near else "a copy"
    over = f", by {', '.join(f'`{name}`' for name in asked.columns)}" if asked.columns else ""
    if found.count:
        summary = (
            f"{found.count:,} of {count(found.compared, things)} ({percent(share)}) have {copies} {asked.others}{over}"
        )
    else:
        summary = f"no {things} has {copies} {asked.others}{over} ({count(found.compared, things)})"
    if found.count and not failed:
        summary += f", at most {percent(asked.max_share)} allowed"
    details = {
        "count": found.count,
        "share": share,
        "rows_of_the_other": found.others or None,
        **found.notes,
        "pairs": [f"row {row} and row {other} ({value:.2f})" for row, other, value in found.pairs[:SHOWN]],
        "rows": list(found.rows[:SHOWN]),
        "values": {"pairs": list(found.values)} if found.values else None,
    }
    if not found.compared:
        reason = f"nothing to compare: no row has a value{over}"
        return subject.asset.check(asked.part, "errored", reason, reason, asked.where, severity=asked.severity)
    if found.pairs:
        details["file"] = _write(subject, asked.part, found.pairs)
    if failed:
        details |= subject.failing(asked.part, found.rows)
    return subject.asset.check(
        asked.part,
        failed_or_warned(asked.severity) if failed else "passed",
        summary,
        f"{summary}; {_first(found)}" if failed else None,
        asked.where,
        severity=asked.severity,
        details={key: value for key, value in details.items() if value not in (None, [], {})},
    )


def _first(found: Overlap) -> str:
    row, other, _ = found.pairs[0]
    return f"row {row} is like row {other} there"


def _write(subject: Subject, part: str, pairs: Sequence[Pair]) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{subject.asset.name}.{part}") + ".csv"
    path = subject.asset.context.out / "overlaps" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "other row", "similarity"])
            writer.writerows((row, other, f"{value:.4f}") for row, other, value in pairs)
    except OSError as error:
        fix = "Choose another --out."
        raise CannotRun(f"pairs cannot be written to {path}: {error.strerror}", fix=fix) from error
    return str(Path("overlaps") / name)
