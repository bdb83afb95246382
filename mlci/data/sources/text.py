"""Files whose fields are text, alone or several as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from mlci.data.batch import Batch
from mlci.data.sources.columns import added, check_alike, united
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.fields import IN_MEMORY, Fields, batch_of_fields
from mlci.data.sources.formats import TEXT
from mlci.data.sources.parts import Part
from mlci.data.sources.reading import Reading
from mlci.data.sources.stack import Stack
from mlci.expectations.columns import Kind

_TOGETHER = "fields"


def alone(engine: Engine, reading: Reading) -> Batch:
    """Return the batch of one file.

    Raises:
        CannotRun: it is not well formed.
    """
    small = reading.path.stat().st_size <= IN_MEMORY
    return batch_of_fields(engine, _load(engine, reading, _TOGETHER, in_memory=small), reading)


def together(engine: Engine, parts: Sequence[Part], readings: Sequence[Reading]) -> Batch:
    """Return the batch of several files, one below the other.

    Raises:
        CannotRun: one is not well formed, or their columns differ.
    """
    small = sum(reading.path.stat().st_size for reading in readings) <= IN_MEMORY
    loaded = [_load(engine, each, f"part{number}", in_memory=small) for number, each in enumerate(readings)]
    if readings[0].format not in {"json", "jsonl"}:
        check_alike(parts, [fields.header for fields in loaded], readings[0])
    counts = [_counted(engine, fields) for fields in loaded]
    header = united([fields.header for fields in loaded])
    more = added(parts, header, readings[0])
    _stack(engine, loaded, header, more, in_memory=small)
    stack = Stack(
        names=tuple(part.name for part in parts), counts=lambda: counts, lines=tuple(each.lines for each in loaded)
    )
    fields = Fields(
        table=_TOGETHER,
        header=(*header, *more),
        kinds=_kinds(loaded, header),
        lines=stack.lines_of,
        files=stack.files_of,
    )
    return batch_of_fields(engine, fields, readings[0])


def _load(engine: Engine, reading: Reading, table: str, *, in_memory: bool) -> Fields:
    fields: Fields = import_module(TEXT[str(reading.format)]).load(engine, reading, table, in_memory=in_memory)
    return fields


def _counted(engine: Engine, fields: Fields) -> int:
    """Return the number of rows; all of a file is read, so that what is wrong with it is said here."""
    counted = ", ".join(["count(*)", *(f"count(c{position})" for position in range(len(fields.header)))])
    query = f"select {counted} from {fields.table}"
    try:
        return int(engine.sql(query).fetchall()[0][0])
    except Exception as error:
        if fields.again() is None:
            raise fields.explain(error) from error
        return int(engine.sql(query).fetchall()[0][0])


def _stack(
    engine: Engine,
    loaded: Sequence[Fields],
    header: Sequence[str],
    more: Mapping[str, Sequence[str | None]],
    *,
    in_memory: bool,
) -> None:
    """Make one table, or one view, of those of the files."""
    selects = []
    for number, fields in enumerate(loaded):
        at = {name: position for position, name in enumerate(fields.header)}
        columns = [f"c{at[name]}" if name in at else "null::VARCHAR" for name in header]
        columns += [
            "null::VARCHAR" if values[number] is None else literal(str(values[number])) for values in more.values()
        ]
        named = ", ".join(f"{column} as c{position}" for position, column in enumerate(columns))
        selects.append(f"select {named} from {fields.table}")
    if not in_memory:
        engine.connection.execute(f"create temp view {_TOGETHER} as {' union all '.join(selects)}")
        return
    engine.connection.execute(f"create temp table {_TOGETHER} as {selects[0]} limit 0")
    for select, fields in zip(selects, loaded, strict=True):
        engine.connection.execute(f"insert into {_TOGETHER} {select}")
        engine.connection.execute(f"drop table {fields.table}")


def _kinds(loaded: Sequence[Fields], header: Sequence[str]) -> dict[int, frozenset[Kind]]:
    """Return what the files together say of the kinds of their columns: text where one of them says no other."""
    found: dict[int, frozenset[Kind]] = {}
    for position, name in enumerate(header):
        said = [_kinds_of(fields, name) for fields in loaded if name in fields.header]
        known = [kinds for kinds in said if kinds is not None]
        if known:
            found[position] = frozenset.intersection(*known)
    return found


def _kinds_of(fields: Fields, name: str) -> frozenset[Kind] | None:
    return fields.kinds.get(fields.header.index(name))
