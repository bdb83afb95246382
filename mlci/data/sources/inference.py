"""Types of CSV columns, decided by all values of a column.

A column is boolean, integer, number, date or datetime where every value present is written so (`true`, `12`, `1.5`,
`2024-01-31`, `2024-01-31 12:00:00`), and text else: `007` is text, and so is a column with `n.a.` among numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch
from mlci.data.frames import numbered
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.reading import Reading
from mlci.expectations.columns import Column, Kind

SAMPLE = 2000
"""Rows that rule most types out before all rows are looked at."""

_INT = "(0|[1-9][0-9]{0,17})"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How the values of a type are written, and what DuckDB casts them to."""

    kind: Kind
    pattern: str
    sql: str
    declared: str | None = None
    """What may stand where the type is declared, where that is more."""


_TYPES: tuple[Written, ...] = (
    Written(
        kind="boolean",
        pattern="True|TRUE|true|False|FALSE|false",
        sql="BOOLEAN",
        declared="(?i)true|false|yes|no|t|f|y|n|1|0",
    ),
    Written(kind="integer", pattern=f" *[+-]?{_INT} *", sql="BIGINT"),
    Written(kind="integer", pattern=" *[+-]?(0|[1-9][0-9]{0,36}) *", sql="HUGEINT"),
    Written(
        kind="number",
        pattern=f" *[+-]?({_INT}(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)? *|(?i)[+-]?inf(inity)?",
        sql="DOUBLE",
    ),
    Written(kind="date", pattern=_DAY, sql="DATE"),
    Written(kind="datetime", pattern=f"{_DAY}{_CLOCK}", sql="TIMESTAMP", declared=f"{_DAY}({_CLOCK})?"),
    Written(kind="datetime", pattern=f"{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)", sql="TIMESTAMPTZ"),
)
_TEXT = Written(kind="text", pattern="", sql="VARCHAR")


def typed_batch(engine: Engine, table: str, header: Sequence[str], reading: Reading) -> Batch:
    """Return the batch of `table`, whose columns c0, c1, … hold the fields of the columns of `header` as text."""
    wanted = [position for position, name in enumerate(header) if reading.wanted(name)]
    declared = {p: _declared(reading.types[header[p]]) for p in range(len(header)) if header[p] in reading.types}
    free = [position for position in wanted if position not in declared]
    candidates = _fitting(engine, f"(select * from {table} limit {SAMPLE})", dict.fromkeys(free, _TYPES))
    fitting, counts = _fitting(engine, table, candidates), _counts(engine, table, wanted)
    types = {position: (fitting.get(position) or (_TEXT,))[0] for position in free} | declared
    relation = engine.sql(f"select *{''.join(_cast(p, kind) for p, kind in types.items())} from {table}")
    frame = nw.from_native(relation)
    schema = dict(zip(relation.columns, relation.types, strict=True))
    columns = {
        name: _column(name, position, types.get(position, _TEXT), counts.get(position), schema)
        for position, name in enumerate(header)
    }
    return Batch(
        frame=frame,
        numbered=lambda: numbered(frame),
        columns=columns,
        engine="duckdb",
        problems=_misdeclared(engine, table, header, declared),
        close=engine.close,
    )


def _declared(name: str) -> Written:
    found = next((kind for kind in _TYPES if kind.kind == name), _TEXT)
    return replace(found, pattern=found.declared or found.pattern)


def _fits(position: int, kind: Written) -> str:
    fits = f"regexp_full_match(c{position}, {literal(kind.pattern)})"
    if kind.kind in {"date", "datetime"}:
        fits += f" and try_cast(c{position} as {kind.sql}) is not null"
    return f"coalesce(bool_and({fits}) filter (where c{position} is not null), true)"


def _fitting(engine: Engine, rows: str, candidates: Mapping[int, Sequence[Written]]) -> dict[int, tuple[Written, ...]]:
    """Return, of the candidates for each column, the types that every value in `rows` is written as."""
    tested = [(position, kind) for position, kinds in candidates.items() for kind in kinds]
    if not tested:
        return {}
    flags = engine.sql(f"select {', '.join(_fits(*pair) for pair in tested)} from {rows}").fetchall()[0]
    return {
        position: tuple(kind for (at, kind), fits in zip(tested, flags, strict=True) if at == position and fits)
        for position in candidates
    }


def _counts(engine: Engine, table: str, positions: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return for each column how many values are present, and how many rows there are."""
    counted = ", ".join(["count(*)", *(f"count(c{position})" for position in positions)])
    total, *present = engine.sql(f"select {counted} from {table}").fetchall()[0]
    return {position: (count, total) for position, count in zip(positions, present, strict=True)}


def _cast(position: int, kind: Written) -> str:
    return "" if kind is _TEXT else f", try_cast(c{position} as {kind.sql}) as t{position}"


def _column(
    name: str, position: int, written: Written, counts: tuple[int, int] | None, schema: Mapping[str, Any]
) -> Column:
    present, total = counts or (1, 1)
    text = nw.col(f"c{position}")
    typed = f"t{position}" in schema
    return Column(
        name=name,
        kind="empty" if not present else written.kind,
        native=str(schema[f"t{position}"]) if typed else "VARCHAR",
        engine="duckdb",
        expr=_values(position, typed=typed, present=present > 0),
        text=text,
        kinds=_also(written.kind, missing=present < total),
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
        written = f"regexp_full_match(c{position}, {literal(kind.pattern)})"
        wrong = f"not {written} or try_cast(c{position} as {kind.sql}) is null"
        rows = f"(select row_number() over () as r, c{position} from {table})"
        count, first = engine.sql(
            f"select count(*), min(r) from {rows} where c{position} is not null and ({wrong})"
        ).fetchall()[0]
        if count:
            problems.append((header[position], f"{count} values are no {kind.kind}, the first in row {first}"))
    return tuple(problems)
