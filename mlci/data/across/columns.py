"""Whether two assets have the same columns, of the same types, in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mlci.config.across import SameColumnsAs
from mlci.data.across.settings import each_setting, listed
from mlci.errors import Where
from mlci.expectations.columns import Column, Table
from mlci.numbers import count
from mlci.results.model import Check, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject

_NAMED = 10


def look(subject: Subject) -> Iterator[Check]:
    """Yield for each other asset whether it has the same columns."""

    def judge(setting: SameColumnsAs, part: str, where: Where) -> Iterator[Check]:
        found = list(differences(subject.batch.table(), subject.tables.batch(setting.asset).table(), setting))
        columns = count(len(subject.batch.columns), "column")
        types = " of the same types" if setting.types else ""
        summary = "; ".join(found) or f"has the same columns{types} as `{setting.asset}` ({columns})"
        yield subject.asset.check(
            part,
            failed_or_warned(setting.severity) if found else "passed",
            summary,
            summary if found else None,
            where,
            severity=setting.severity,
        )

    yield from each_setting(subject, "same_columns_as", lambda setting: str(setting.asset), judge)


def differences(here: Table, there: Table, setting: SameColumnsAs) -> Iterator[str]:
    """Give in words what differs between the columns of an asset and those of another one."""
    apart = set(listed(setting.apart_from))
    ours, theirs = ([name for name in table.columns if name not in apart] for table in (here, there))
    missing = [name for name in theirs if name not in here.columns]
    surplus = [name for name in ours if name not in there.columns]
    shared = [name for name in ours if name in there.columns]
    if missing:
        yield f"lacks {_named(missing)} of `{setting.asset}`"
    if surplus:
        yield f"has {_named(surplus)}, which `{setting.asset}` has not"
    if setting.types:
        yield from _types(here, there, shared, setting.asset)
    if setting.order and shared != [name for name in theirs if name in here.columns]:
        at = next(p for p, pair in enumerate(zip(ours, theirs, strict=False), start=1) if pair[0] != pair[1])
        yield f"from column {at} on the order is not that of `{setting.asset}`"


def _types(here: Table, there: Table, shared: Sequence[str], asset: str) -> Iterator[str]:
    for name in shared:
        one, other = here.columns[name], there.columns[name]
        if one.kind != other.kind and "empty" not in {one.kind, other.kind}:
            yield f"`{name}` is {_kind(one)} here and {_kind(other)} in `{asset}`"


def _kind(column: Column) -> str:
    return {"object": column.native, "datetime": "a datetime with time zone" if column.aware else "a datetime"}.get(
        column.kind, column.kind
    )


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + ", …" * (len(names) > _NAMED)
