"""Rows that stand in two data sets that must have none in common: leakage, exact and near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mlci.config.across import NoNearDuplicates, NoOverlapBetween, NoOverlapWith
from mlci.data.across.exact import equal_rows, within_tolerance
from mlci.data.across.found import Asked, Overlap, check_of, near_notes, overlap_of
from mlci.data.across.joint import alike, bring, joint, written
from mlci.data.across.pictures import pictures_in_common
from mlci.data.across.settings import each_setting, listed
from mlci.errors import Where
from mlci.expectations.columns import CannotJudge, Column, Table
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject
    from mlci.data.batch import Batch
    from mlci.data.sources.engine import Engine

Setting = NoOverlapWith | NoOverlapBetween | NoNearDuplicates
_NUMBERS = frozenset({"double", "hugeint"})


def with_others(subject: Subject) -> Iterator[Check]:
    """Yield for each asset that this one may have no row in common with whether that is so."""

    def judge(setting: NoOverlapWith, part: str, where: Where) -> Iterator[Check]:
        other = subject.tables.batch(setting.asset)
        if _are_images(subject, setting):
            found = pictures_in_common(subject.batch, other, setting.near)
            asked = _asked(setting, part, where, (), f"in `{setting.asset}`")
            yield check_of(subject, asked, found, things="image")
            return
        pairs = _sides(subject.batch.table(), other.table(), setting)
        found = _in_common(subject.batch, other, pairs, setting)
        names = tuple(left.name for left, _ in pairs)
        yield check_of(subject, _asked(setting, part, where, names, f"in `{setting.asset}`"), found)

    yield from each_setting(subject, "no_overlap_with", lambda setting: str(setting.asset), judge)


def between_splits(subject: Subject) -> Iterator[Check]:
    """Yield whether splits of the asset, told apart by a column, have no row in common."""

    def judge(setting: NoOverlapBetween, part: str, where: Where) -> Iterator[Check]:
        table = subject.batch.table()
        names = listed(setting.columns) or tuple(name for name in table.columns if name != setting.split)
        columns = [table.column(name) for name in (setting.split, *names)]
        with joint() as engine:
            split, *compared = columns
            forms = [written(each) if setting.near else alike(each, each)[0] for each in compared]
            bring(engine, "here", subject.batch, [written(split), *forms])
            _refuse_one_split(engine, setting)
            engine.connection.execute(
                "create table both_ as select (dense_rank() over (order by k0))::integer as part, * from here "
                "where k0 is not null"
            )
            found = _between(engine, range(1, len(columns)), setting)
        yield check_of(subject, _asked(setting, part, where, names, f"in another split by `{setting.split}`"), found)

    yield from each_setting(subject, "no_overlap_between", lambda setting: str(setting.split), judge)


def near_duplicates(subject: Subject) -> Iterator[Check]:
    """Yield whether no two rows of the asset have nearly the same text."""

    def judge(setting: NoNearDuplicates, part: str, where: Where) -> Iterator[Check]:
        names = listed(setting.columns)
        columns = [subject.batch.table().column(name) for name in names]
        with joint() as engine:
            bring(engine, "here", subject.batch, [written(column) for column in columns])
            engine.connection.execute("create view both_ as select 0 as part, * from here")
            found = _near(engine, range(len(columns)), setting, one_asset=True, within=True)
        yield check_of(subject, _asked(setting, part, where, names, "in another row"), found)

    yield from each_setting(subject, "no_near_duplicates", lambda setting: "+".join(listed(setting.columns)), judge)


def _are_images(subject: Subject, setting: NoOverlapWith) -> bool:
    """Whether both assets are folders of images, which are compared as such unless columns are named."""
    other = subject.asset.context.config.data.get(setting.asset)
    return not setting.columns and subject.asset.asset.format == "images" and bool(other and other.format == "images")


def _asked(setting: Setting, part: str, where: Where, columns: tuple[str, ...], others: str) -> Asked:
    return Asked(
        part=part,
        where=where,
        columns=columns,
        near=bool(setting.near),
        others=others,
        max_share=setting.max_share,
        severity=setting.severity,
    )


Sides = tuple[tuple[Column, Column], ...]


def _sides(here: Table, there: Table, setting: NoOverlapWith) -> Sides:
    """Return the columns of both tables that are compared: those named, or all that both have."""
    names = listed(setting.columns) or tuple(name for name in here.columns if name in there.columns)
    if not names:
        raise CannotJudge(f"the asset and `{setting.asset}` have no column in common")
    return tuple((here.column(name), of_other(there, name, setting.asset)) for name in names)


def of_other(table: Table, name: str, asset: str) -> Column:
    """Return the column of another asset; that it has none is said with the asset's name."""
    try:
        return table.column(name)
    except CannotJudge as error:
        raise type(error)(f"in `{asset}` {error}") from None


def _in_common(batch: Batch, other: Batch, pairs: Sides, setting: NoOverlapWith) -> Overlap:
    forms = [(written(one), written(two)) if setting.near else alike(one, two) for one, two in pairs]
    columns = range(len(forms))
    with joint() as engine:
        bring(engine, "here", batch, [one for one, _ in forms])
        bring(engine, "there", other, [two for _, two in forms])
        engine.connection.execute(
            "create table both_ as select 0 as part, * from here union all select 1 as part, * from there"
        )
        if setting.near:
            return _near(engine, columns, setting, one_asset=False)
        numbers = [position for position, ((_, kind), _) in enumerate(forms) if kind in _NUMBERS]
        if setting.tolerance and numbers:
            within_tolerance(engine, columns, numbers, setting.tolerance)
        else:
            equal_rows(engine, columns)
        return overlap_of(engine, columns, one_asset=False)


def _refuse_one_split(engine: Engine, setting: NoOverlapBetween) -> None:
    (splits,) = engine.connection.execute("select count(distinct k0) from here").fetchone()
    if splits < 2:  # noqa: PLR2004 - one split has nothing to overlap with
        said = "one split" if splits else "no split"
        raise CannotJudge(f"column `{setting.split}` names {said}: there is nothing that could overlap")


def _between(engine: Engine, columns: Sequence[int], setting: NoOverlapBetween) -> Overlap:
    if setting.near:
        return _near(engine, columns, setting, one_asset=True)
    equal_rows(engine, columns)
    return overlap_of(engine, columns, one_asset=True)


def _near(
    engine: Engine, columns: Sequence[int], setting: Setting, *, one_asset: bool, within: bool = False
) -> Overlap:
    from mlci.data.across.near import DEFAULT, near_copies

    threshold = DEFAULT if isinstance(setting.near, bool) else setting.near
    text = " || ' ' || ".join(f"coalesce(k{position}, '')" for position in columns)
    present = " or ".join(f"k{position} is not null" for position in columns)
    engine.connection.execute(
        f"create table texts as select part, row, case when {present} then {text} end as text from both_"
    )
    found = near_copies(engine, threshold=threshold, min_words=setting.min_words, within=within)
    notes = near_notes(found, threshold, setting.min_words)
    return overlap_of(engine, columns, one_asset=one_asset, notes=notes)
