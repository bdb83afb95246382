"""Two versions of a table side by side in one DuckDB that spills to disk, columns numbered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch
from mlci.data.sources.engine import Engine, connect, literal
from mlci.expectations.columns import NUMERIC, Column, Kind

BEFORE, NOW = "before", "now"
_COMPARED_AS_THEY_ARE: frozenset[Kind] = frozenset({"integer", "number", "boolean", "date", "datetime", "text"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A column that both versions have."""

    name: str
    position: int
    """Its number in the tables."""
    kind: Kind
    """What both hold; text where they differ."""
    before: Kind
    now: Kind

    @property
    def sql(self) -> str:
        """Its name in the tables."""
        return f"c{self.position}"

    @property
    def retyped(self) -> bool:
        """Whether its type is another than before; a column without values has none."""
        return self.before != self.now and "empty" not in {self.before, self.now}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """Both versions, each a table of the engine called `BEFORE` and `NOW`; common columns are c0, c1 and so on."""

    engine: Engine
    pairs: tuple[Pair, ...]
    added: tuple[str, ...]
    """Columns of the new version alone, in the tables called a0, a1, …"""
    removed: tuple[str, ...]
    """Columns of the old version alone, in the tables called r0, r1, …"""
    rows: tuple[int, int]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query gives."""
        return list(self.engine.sql(query).fetchall())


@contextmanager
def side_by_side(
    before: Batch, now: Batch, ignore: Collection[str], connect: Callable[[], Engine] = connect
) -> Iterator[Tables]:
    """Give both versions as tables of one engine, without the columns of `ignore`."""
    engine = connect()
    try:
        old, new = (_kept(batch, ignore) for batch in (before, now))
        common = [name for name in new if name in old]
        pairs = tuple(_pair(name, position, old[name], new[name]) for position, name in enumerate(common))
        removed, added = (tuple(name for name in one if name not in other) for one, other in ((old, new), (new, old)))
        _copy(engine, BEFORE, before, _exprs(pairs, old, removed, "r"))
        _copy(engine, NOW, now, _exprs(pairs, new, added, "a"))
        counted = ", ".join(f"(select count(*) from {name})" for name in (BEFORE, NOW))
        rows = engine.sql(f"select {counted}").fetchall()[0]
        yield Tables(engine=engine, pairs=pairs, added=added, removed=removed, rows=(rows[0], rows[1]))
    finally:
        engine.close()


def _kept(batch: Batch, ignore: Collection[str]) -> dict[str, Column]:
    return {name: column for name, column in batch.columns.items() if name not in ignore}


def _pair(name: str, position: int, before: Column, now: Column) -> Pair:
    kinds = {before.kind, now.kind} - {"empty"}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "number" if kinds and kinds <= NUMERIC else "text"
    kind = "number" if kind == "decimal" else kind
    usual = kind in _COMPARED_AS_THEY_ARE and "HUGEINT" not in {before.native, now.native}
    return Pair(name=name, position=position, kind=kind if usual else "text", before=before.kind, now=now.kind)


def _exprs(
    pairs: Sequence[Pair], columns: Mapping[str, Column], alone: Sequence[str], prefix: str
) -> dict[str, nw.Expr]:
    """Return what each column of a table is made of; one that stands alone is text."""
    found = {pair.sql: _expr(columns[pair.name], pair.kind) for pair in pairs}
    return found | {f"{prefix}{position}": columns[name].text for position, name in enumerate(alone)}


def _expr(column: Column, kind: Kind) -> nw.Expr:
    if kind == "text" or column.kind == "empty":
        return column.text
    return column.expr.cast(nw.Float64) if kind == "number" else column.expr


def _copy(engine: Engine, name: str, batch: Batch, exprs: Mapping[str, nw.Expr]) -> None:
    """Bring a table over by way of a Parquet file, since each source computes in an engine of its own."""
    file = engine.folder / f"{name}.parquet"
    marked = exprs or {"nothing": nw.lit(1)}
    chosen = batch.frame.select(*(expr.alias(column) for column, expr in marked.items()))
    native = nw.to_native(chosen)
    if hasattr(native, "write_parquet"):
        native.write_parquet(str(file))
    else:
        (chosen.collect() if isinstance(chosen, nw.LazyFrame) else chosen).write_parquet(str(file))
    engine.connection.execute(f"create temp view {name} as select * from read_parquet({literal(str(file))})")
