"""Foreign keys: every row's key stands in the table of another asset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.config.across import ForeignKey
from mlci.data.across.joint import Brought, alike, bring, joint
from mlci.data.across.overlap import of_other
from mlci.data.across.settings import each_setting, listed
from mlci.data.failing_rows import MOST
from mlci.errors import Where
from mlci.expectations.columns import CannotJudge
from mlci.limits import exceeds
from mlci.numbers import count, number
from mlci.results.model import Check, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject
    from mlci.data.batch import Batch

_SHOWN = 20
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphans:
    """Rows whose key no row of the other table has."""

    rows: tuple[int, ...]
    """The numbers of the first of them."""
    count: int
    """How many there are."""
    keyed: int
    """Rows that have a key: none of its columns is missing."""
    total: int
    """All rows."""
    values: tuple[tuple[str, ...], ...]
    """The keys of the first of them."""


def look(subject: Subject) -> Iterator[Check]:
    """Yield for each foreign key of the asset whether the other asset has the keys of its rows."""

    def judge(setting: ForeignKey, part: str, where: Where) -> Iterator[Check]:
        other = subject.tables.batch(setting.asset)
        found = orphans(subject.batch, other, _forms(subject.batch, other, setting))
        yield _check(subject, setting, part, where, found)

    yield from each_setting(subject, "foreign_keys", lambda setting: "+".join(listed(setting.columns)), judge)


def _forms(batch: Batch, other: Batch, setting: ForeignKey) -> list[tuple[Brought, Brought]]:
    columns = listed(setting.columns)
    references = listed(setting.references) or columns
    if len(references) != len(columns):
        said = f"{count(len(columns), 'column')} cannot match {count(len(references), 'column')} of `{setting.asset}`"
        raise CannotJudge(said)
    here, there = batch.table(), other.table()
    return [
        alike(here.column(name), of_other(there, reference, setting.asset))
        for name, reference in zip(columns, references, strict=True)
    ]


def orphans(batch: Batch, other: Batch, forms: Sequence[tuple[Brought, Brought]]) -> Orphans:
    """Return the rows of `batch` whose key no row of `other` has, the columns being compared in `forms`."""
    names = [f"k{position}" for position in range(len(forms))]
    same = " and ".join(f"here.{name} = there.{name}" for name in names)
    present = " and ".join(f"{name} is not null" for name in names)
    with joint() as engine:
        bring(engine, "here", batch, [one for one, _ in forms])
        bring(engine, "there", other, [two for _, two in forms])
        ask = engine.connection.execute
        ask(f"create temp table lost as select * from here anti join there on {same} where {present}")
        total, keyed = ask(f"select count(*), count(*) filter ({present}) from here").fetchone()
        (lost,) = ask("select count(*) from lost").fetchone()
        shown = ", ".join(f"{name}::varchar" for name in names)
        rows = ask(f"select row, {shown} from lost order by row limit {MOST}").fetchall()
    return Orphans(
        rows=tuple(row for row, *_ in rows),
        count=lost,
        keyed=keyed,
        total=total,
        values=tuple(tuple(key) for _, *key in rows[:_SHOWN]),
    )


def _check(subject: Subject, setting: ForeignKey, part: str, where: Where, found: Orphans) -> Check:
    columns = listed(setting.columns)
    about = f"column{'s' * (len(columns) > 1)} {', '.join(f'`{name}`' for name in columns)}"
    failed = bool(found.count) and exceeds(setting.mostly, 1 - found.count / found.keyed)
    mostly = f" (mostly {number(setting.mostly)})"
    if found.count:
        summary = (
            f"{about}: {found.count:,} of {count(found.keyed, 'row')} have a key that `{setting.asset}` has not{mostly}"
        )
    else:
        summary = f"{about}: every key stands in `{setting.asset}` ({count(found.keyed, 'row')})"
    first = ", ".join(map(str, found.rows[:_NAMED])) + (", …" if found.count > _NAMED else "")
    details = {
        "element_count": found.total,
        "missing_count": found.total - found.keyed,
        "unexpected_count": found.count,
        **(subject.failing(part, found.rows) if failed else {}),
        "values": {"keys": [list(key) for key in found.values]} if found.values else None,
    }
    return subject.asset.check(
        part,
        failed_or_warned(setting.severity) if failed else "passed",
        summary,
        f"{summary}; row{'s' * (found.count > 1)} {first}" if failed else None,
        where,
        severity=setting.severity,
        details={key: value for key, value in details.items() if value not in (None, [])},
    )
