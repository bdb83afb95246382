"""Types of CSV columns, decided by all values of a column.

A column is boolean, integer, number, date or datetime where every value present is written so (`true`, `12`, `1.5`,
`2024-01-31`, `2024-01-31 12:00:00`), and text else: `007` is text, and so is a column with `n.a.` among numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch
from mlci.data.frames import numbered
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.reading import Reading
from mlci.expectations.columns import Column, Kind, moment

MOST_SAMPLED = 2000
"""Rows that are looked at first, to rule out most types; where there are no more, they decide."""
SAMPLED_VALUES = 400_000
_LOOKED_AT = 200
"""Rows by which it is told whether a column of text is one of numbers with text among them."""
_TESTED = 64
"""Columns tested in one pass: every regular expression takes memory of its own."""

_INT = "(0|[1-9][0-9]*)"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
_INFINITY = "[+-]?(inf|Inf|INF|infinity|Infinity|INFINITY)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How the values of a type are written, and what DuckDB casts them to."""

    kind: Kind
    pattern: str
    """A regular expression of all of a value; small, since one is kept in memory for each column."""
    sql: str
    valid: Callable[[str], bool] = field(default=lambda _text: True)
    """Whether a text of that pattern is a value."""
    declared: str | None = None
    """The pattern where the type is declared, where that is wider."""
    longest: int = 40
    """Longer texts are no values: a number of so many digits would lose some."""


def _day(text: str) -> bool:
    return moment(text[:10]) is not None


_TYPES: tuple[Written, ...] = (
    Written(
        kind="boolean",
        pattern="True|TRUE|true|False|FALSE|false",
        sql="BOOLEAN",
        declared="(?i)true|false|yes|no|t|f|y|n|1|0",
    ),
    Written(kind="integer", pattern=f" *[+-]?{_INT} *", sql="BIGINT", valid=lambda text: -(2**63) <= int(text) < 2**63),
    Written(kind="integer", pattern=f" *[+-]?{_INT} *", sql="HUGEINT", longest=38),
    Written(
        kind="number",
        pattern=f" *[+-]?({_INT}([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)? *|{_INFINITY}",
        sql="DOUBLE",
        valid=lambda text: len(text.partition(".")[0]) <= _DIGITS,
    ),
    Written(kind="date", pattern=_DAY, sql="DATE", valid=_day),
    Written(
        kind="datetime",
        pattern=f"{_DAY}{_CLOCK}",
        sql="TIMESTAMP",
        valid=lambda text: moment(text) is not None,
        declared=f"{_DAY}({_CLOCK})?",
    ),
    Written(
        kind="datetime",
        pattern=f"{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)",
        sql="TIMESTAMPTZ",
        valid=lambda text: moment(text) is not None,
    ),
)
_TEXT = Written(kind="text", pattern="", sql="VARCHAR")
_NUMBER = next(kind for kind in _TYPES if kind.kind == "number")
_DIGITS = 25


def typed_batch(
    engine: Engine,
    table: str,
    header: Sequence[str],
    reading: Reading,
    *,
    kinds: Mapping[int, frozenset[Kind]] = MappingProxyType({}),
) -> Batch:
    """Return the batch of `table`, whose columns c0, c1, … hold the fields of the columns of `header` as text.

    `kinds` are those that the columns at some positions can have beside text; any other can have every kind.
    """
    wanted = [position for position, name in enumerate(header) if reading.wanted(name)]
    declared = {p: _declared(reading.types[header[p]]) for p in range(len(header)) if header[p] in reading.types}
    free = [position for position in wanted if position not in declared]
    counts = _counts(engine, table, wanted)
    sample = _sampled(engine, table, free)
    types = _decided(engine, table, sample, rows=counts.total, kinds=kinds) | declared
    mixed = [p for p in free if types.get(p) is _TEXT and not kinds.get(p) and _is_mixed(sample.get(p, ()))]
    casts = [_cast(p, kind) for p, kind in types.items()] + [_as_numbers(p) for p in mixed]
    relation = engine.sql(f"select *{''.join(casts)} from {table}")
    frame = nw.from_native(relation)
    schema = dict(zip(relation.columns, relation.types, strict=True))
    columns = {
        name: _column(name, position, types.get(position, _TEXT), counts, schema)
        for position, name in enumerate(header)
    }
    columns |= {header[p]: replace(columns[header[p]], numbers=_numbers(header[p], p)) for p in mixed}
    return Batch(
        frame=frame,
        numbered=lambda: numbered(frame),
        columns=columns,
        engine="duckdb",
        problems=_misdeclared(engine, table, header, declared),
        close=engine.close,
    )


def sql_type(values: Collection[str]) -> str:
    """Return DuckDB's name of the type that all of `values` are written as."""
    return next((kind.sql for kind in _candidates(values, None)), _TEXT.sql)


def _declared(name: str) -> Written:
    found = next((kind for kind in _TYPES if kind.kind == name), _TEXT)
    return replace(found, pattern=found.declared or found.pattern)


def _sampled(engine: Engine, table: str, positions: Sequence[int]) -> dict[int, list[str]]:
    """Return the values of the first rows that are present in each column."""
    if not positions:
        return {}
    chosen = ", ".join(f"c{position}" for position in positions)
    rows = engine.sql(f"select {chosen} from {table} limit {_sample_size(positions)}").fetchall()
    columns = zip(*rows, strict=True)
    return {p: [value for value in column if value is not None] for p, column in zip(positions, columns, strict=False)}


def _sample_size(positions: Collection[int]) -> int:
    return max(1, min(MOST_SAMPLED, SAMPLED_VALUES // len(positions)))


def _decided(
    engine: Engine,
    table: str,
    sample: Mapping[int, Collection[str]],
    *,
    rows: int,
    kinds: Mapping[int, frozenset[Kind]],
) -> dict[int, Written]:
    """Return the type of each column: the first that every value present is written as, text where there is none."""
    candidates = {position: _candidates(set(values), kinds.get(position)) for position, values in sample.items()}
    seen = {position: some[0] for position, some in candidates.items() if some}
    fitting = seen if not sample or rows <= _sample_size(sample) else _fitting(engine, table, candidates)
    return {position: fitting.get(position, _TEXT) for position in sample}


def _candidates(values: Collection[str], kinds: Collection[Kind] | None) -> tuple[Written, ...]:
    possible = _TYPES if kinds is None else (kind for kind in _TYPES if kind.kind in kinds)
    return tuple(kind for kind in possible if all(map(_test_of(kind), values)))


def _is_written(text: str, kind: Written) -> bool:
    return _test_of(kind)(text)


def _test_of(kind: Written) -> Callable[[str], bool]:
    """Return whether a text is written as values of a type are; thousands of values are asked, so it looks up once."""
    fits, longest, valid = re.compile(kind.pattern).fullmatch, kind.longest, kind.valid
    return lambda text: len(text) <= longest and fits(text) is not None and valid(text)


def _fitting(engine: Engine, table: str, candidates: Mapping[int, Sequence[Written]]) -> dict[int, Written]:
    """Return, for each column, the first of its candidates that every value of the table is written as.

    The likeliest of every column are tried together; a second pass is made only for columns that they do not fit.
    """
    found: dict[int, Written] = {}
    left = {position: kinds for position, kinds in candidates.items() if kinds}
    while left:
        first = {position: kinds[0] for position, kinds in left.items()}
        for some in _batched(first.items(), _TESTED):
            flags = engine.sql(f"select {', '.join(_all_fit(*pair) for pair in some)} from {table}").fetchall()[0]
            found |= {position: kind for (position, kind), fits in zip(some, flags, strict=True) if fits}
        left = {position: kinds[1:] for position, kinds in left.items() if position not in found and kinds[1:]}
    return found


def _batched(items: Iterable[tuple[int, Written]], size: int) -> Iterator[tuple[tuple[int, Written], ...]]:
    """Yield the items, `size` at a time."""
    left = iter(items)
    while some := tuple(islice(left, size)):
        yield some


def _all_fit(position: int, kind: Written) -> str:
    return f"coalesce(bool_and({_fits(position, kind)}) filter (where c{position} is not null), true)"


def _fits(position: int, kind: Written) -> str:
    written = f"regexp_full_match(c{position}, {literal(kind.pattern)})"
    return f"{written} and length(c{position}) <= {kind.longest} and try_cast(c{position} as {kind.sql}) is not null"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many rows there are, and how many values of the columns looked at are present."""

    total: int
    present: Mapping[int, int]


def _counts(engine: Engine, table: str, positions: Sequence[int]) -> Counts:
    counted = ", ".join(["count(*)", *(f"count(c{position})" for position in positions)])
    total, *present = engine.sql(f"select {counted} from {table}").fetchall()[0]
    return Counts(total=total, present=dict(zip(positions, present, strict=True)))


def _is_mixed(values: Sequence[str]) -> bool:
    """Whether most of the first values of a column of text are written as numbers."""
    looked = values[:_LOOKED_AT]
    return sum(map(_test_of(_NUMBER), looked)) * 2 >= len(looked) > 0


def _as_numbers(position: int) -> str:
    return f", case when {_fits(position, _NUMBER)} then try_cast(c{position} as DOUBLE) end as n{position}"


def _numbers(name: str, position: int) -> Column:
    text = nw.col(f"c{position}")
    return Column(
        name=name,
        kind="number",
        native="DOUBLE",
        engine="duckdb",
        expr=nw.col(f"n{position}"),
        text=text,
        absent=text.is_null(),
    )


def _cast(position: int, kind: Written) -> str:
    return "" if kind is _TEXT else f", try_cast(c{position} as {kind.sql}) as t{position}"


def _column(name: str, position: int, written: Written, counts: Counts, schema: Mapping[str, Any]) -> Column:
    present = counts.present.get(position, counts.total or 1)
    text = nw.col(f"c{position}")
    typed = f"t{position}" in schema
    return Column(
        name=name,
        kind="empty" if not present else written.kind,
        native=str(schema[f"t{position}"]) if typed else "VARCHAR",
        engine="duckdb",
        expr=_values(position, typed=typed, present=present > 0),
        text=text,
        kinds=_also(written.kind, missing=present < counts.total),
        aware=written.sql == "TIMESTAMPTZ",
    )


def _values(position: int, *, typed: bool, present: bool) -> nw.Expr:
    if not present:
        return nw.col(f"c{position}").cast(nw.Float64)  # no value at all, in a type that can be computed with
    return nw.col(f"t{position}" if typed else f"c{position}")


def _also(kind: Kind, *, missing: bool) -> frozenset[Kind]:
    """Return the kinds that pandas would take the column for besides."""
    if kind in {"date", "datetime"} or (kind == "boolean" and missing):
        return frozenset({"text"})
    return frozenset({"number"}) if kind == "integer" and missing else frozenset()


def _misdeclared(
    engine: Engine, table: str, header: Sequence[str], declared: Mapping[int, Written]
) -> tuple[tuple[str, str], ...]:
    problems = []
    for position, kind in declared.items():
        if kind.kind == "text":
            continue
        rows = f"(select row_number() over () as r, c{position} from {table})"
        count, first = engine.sql(
            f"select count(*), min(r) from {rows} where c{position} is not null and not ({_fits(position, kind)})"
        ).fetchall()[0]
        if count:
            values = "1 value is" if count == 1 else f"{count} values are"
            problems.append((header[position], f"{values} no {kind.kind}, the first in row {first}"))
    return tuple(problems)
