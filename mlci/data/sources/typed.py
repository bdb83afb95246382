"""Files of a format that has types of its own, alone or several as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from mlci.data.batch import Batch, quoted
from mlci.data.frames import batch_of
from mlci.data.sources.columns import added, check_alike, united
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.formats import TYPED
from mlci.data.sources.inference import sql_type
from mlci.data.sources.parts import Part
from mlci.data.sources.reading import Reading
from mlci.data.sources.stack import Stack
from mlci.errors import CannotRun, Where

_FILE = "mlci file"
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "number": (
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    ),
    "text": ("VARCHAR", "ENUM"),
    "time": ("DATE", "TIMESTAMP"),
}


def alone(engine: Engine, reading: Reading) -> Batch:
    """Return the batch of one file.

    Raises:
        CannotRun: it is not of its format.
    """
    return replace(batch_of(_relation(engine, reading, "part0")), close=engine.close)


def together(engine: Engine, parts: Sequence[Part], readings: Sequence[Reading]) -> Batch:
    """Return the batch of several files, one below the other.

    Raises:
        CannotRun: one is not of its format, or their columns differ.
    """
    relations = [_relation(engine, reading, f"part{number}") for number, reading in enumerate(readings)]
    headers = [relation.columns for relation in relations]
    check_alike(parts, headers, readings[0])
    _check_types(parts, relations)
    header = united(headers)
    more = added(parts, header, readings[0])
    values = [f"{_list(column)}[{_position(readings)}] as {quoted(name)}" for name, column in more.items()]
    columns = ", ".join([*map(quoted, header), *values])
    relation = engine.sql(f"select {columns} from ({_module(readings[0]).stacked(readings, _FILE)})")

    @cache
    def counts() -> list[int]:
        return [int(each.aggregate("count(*)").fetchall()[0][0]) for each in relations]

    stack = Stack(names=tuple(part.name for part in parts), counts=counts)
    return replace(batch_of(relation), files=stack.files_of, close=engine.close)


def _module(reading: Reading) -> Any:
    return import_module(TYPED[str(reading.format)])


def _relation(engine: Engine, reading: Reading, name: str) -> Any:
    return _module(reading).relation(engine, reading, name)


def _position(readings: Sequence[Reading]) -> str:
    return f"list_position([{', '.join(literal(reading.location) for reading in readings)}], {quoted(_FILE)})"


def _list(values: Sequence[str | None]) -> str:
    written = ", ".join("null" if value is None else literal(value) for value in values)
    return f"([{written}]::{sql_type({value for value in values if value is not None})}[])"


def _check_types(parts: Sequence[Part], relations: Sequence[Any]) -> None:
    """Raise where a column's types are not of one family in all files: its values would be changed."""
    first: dict[str, tuple[str, str, str]] = {}
    for part, relation in zip(parts, relations, strict=True):
        for name, kind in zip(relation.columns, map(str, relation.types), strict=True):
            family = _family(kind)
            if family == '"NULL"':
                continue
            known, shown, file = first.setdefault(name, (family, kind, part.name))
            if known != family:
                raise CannotRun(
                    f"the column `{name}` is {kind}, and {shown} in {file}",
                    where=Where(path=part.name),
                    fix="Write them with one type.",
                )


def _family(kind: str) -> str:
    return next((family for family, kinds in _FAMILIES.items() if kind.partition("(")[0] in kinds), kind)
