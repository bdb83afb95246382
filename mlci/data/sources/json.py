"""JSON and JSON Lines: an object is a row, and a key that any of them has is a column.

Values keep the type that JSON gives them: numbers are numbers whatever they look like elsewhere, a text of digits
stays text, and a text is a date only where all texts of its column are. A column that holds values of several types is
text, as they are written; lists and objects are text in JSON. A key that an object lacks is missing there, as null is.
"""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mlci.data.sources.csv import in_utf8
from mlci.data.sources.dialect import not_encoded
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.fields import Fields
from mlci.data.sources.json_lines import is_object, lines_of, mistake
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun
from mlci.expectations.columns import Kind

_LARGEST_OBJECT = 64 * 1024 * 1024
_MOST_KEYS = 5000
_NUMBERS = frozenset({"BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"})
_KINDS: Mapping[str, frozenset[Kind]] = {
    "number": frozenset({"integer", "number"}),
    "BOOLEAN": frozenset({"boolean"}),
    "VARCHAR": frozenset({"date", "datetime"}),
}


def load(engine: Engine, reading: Reading, table: str, *, in_memory: bool) -> Fields:
    """Return the fields of a JSON file: an array of objects, or an object a line.

    Raises:
        CannotRun: it is not well formed, a value that should be an object is none, or an object has a key twice.
    """
    del in_memory  # a table either way, which spills to disk: JSON is slow to read again
    plain = _without_mark(in_utf8(reading, engine.folder / f"{table}.txt"), engine.folder / f"{table}.json")
    start = _start(plain)
    if not start:
        raise CannotRun("is empty", where=reading.where())
    array = reading.format == "json" and start == b"["
    rows = f"objects_{table}"
    try:
        engine.connection.execute(
            f"create or replace temp table {rows} as select json as j from read_json_objects("
            f"{literal(str(plain.path))}, format='{'array' if array else 'newline_delimited'}', compression='none', "
            f"maximum_object_size={_LARGEST_OBJECT})"
        )
    except Exception as error:
        raise _explained(error, plain, array=array) from error
    _check(engine, plain, rows, array=array)
    return _fields(engine, plain, rows, table, array=array)


def _without_mark(reading: Reading, target: Path) -> Reading:
    """Return the reading of a copy without a byte order mark, where the file begins with one."""
    with reading.path.open("rb") as source:
        if source.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            return reading
        with target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    return replace(reading, path=target)


def _start(reading: Reading) -> bytes:
    with reading.path.open("rb") as file:
        return next((line.strip()[:1] for line in file if line.strip()), b"")


def _explained(error: Exception, reading: Reading, *, array: bool) -> CannotRun:
    said = str(error).splitlines()[0]
    if "UTF-8" in said:
        return not_encoded(reading)
    found = mistake(reading.path, array=array)
    if is_object(reading.path):
        return _one_object(reading)
    if found is None:
        return CannotRun(f"cannot be read as JSON: {said}", where=reading.where())
    fix = "" if array else "It must be an array of objects, or an object a line."
    return CannotRun(found.what, where=reading.where(found.line), fix=fix)


def _check(engine: Engine, reading: Reading, rows: str, *, array: bool) -> None:
    """Raise where a row is no object or has a key twice, and where a file of one object is no table."""
    numbered = f"(select row_number() over () as r, j from {rows})"
    keys = "json_keys(j)"
    other, twice, total = engine.sql(
        f"select min(r) filter (where json_type(j) <> 'OBJECT'), "
        f"min(r) filter (where json_type(j) = 'OBJECT' and len({keys}) <> len(list_distinct({keys}))), count(*) "
        f"from {numbered}"
    ).fetchall()[0]
    first = min((row for row in (other, twice) if row), default=None)
    if first is not None:
        line = lines_of(reading.path, [first], array=array).get(first)
        what = "a value is no object" if first == other else "an object has a key twice"
        at = "" if line else f": the one of row {first}"
        raise CannotRun(f"{what}{at}", where=reading.where(line), fix="Each row must be an object with its own keys.")
    if reading.format == "json" and not array and total == 1:
        raise _one_object(reading)


def _one_object(reading: Reading) -> CannotRun:
    return CannotRun(
        "is one object, not a table", where=reading.where(), fix="Write an array of objects, or an object a line."
    )


def _fields(engine: Engine, reading: Reading, rows: str, table: str, *, array: bool) -> Fields:
    keys = _keys(engine, reading, rows)
    types = _types(engine, rows, len(keys), keys)
    columns = ", ".join(_column(at, key, reading.null_values or ()) for at, key in enumerate(keys)) or "null as c0"
    engine.connection.execute(f"create or replace temp table {table} as select {columns} from {rows}")
    engine.connection.execute(f"drop table {rows}")
    return Fields(
        table=table,
        header=keys,
        kinds={position: _kinds(found) for position, found in enumerate(types) if found},
        lines=partial(lines_of, reading.path, array=array),
    )


def _keys(engine: Engine, reading: Reading, rows: str) -> tuple[str, ...]:
    """Return the keys of all objects, in the order in which they are met."""
    unnested = f"select unnest(json_keys(j)) as k from {rows}"
    found = engine.sql(
        f"select k from (select k, row_number() over () as r from ({unnested})) group by k order by min(r)"
    ).fetchall()
    if len(found) > _MOST_KEYS:
        said = f"its objects have {len(found)} different keys"
        raise CannotRun(said, where=reading.where(), fix="Write what varies as values, not as keys.")
    return tuple(key for (key,) in found)


def _types(engine: Engine, rows: str, count: int, keys: Sequence[str]) -> list[set[str]]:
    """Return the types of JSON that the values of each key have."""
    if not count:
        return []
    asked = ", ".join(f"list(distinct json_type(j, {_pointer(key)}))" for key in keys)
    found = engine.sql(f"select {asked} from {rows}").fetchall()[0]
    return [{each for each in types or () if each not in {None, "NULL"}} for types in found]


def _kinds(types: set[str]) -> frozenset[Kind]:
    if types and types <= _NUMBERS:
        return _KINDS["number"]
    return _KINDS.get(next(iter(types)), frozenset()) if len(types) == 1 else frozenset()


def _column(position: int, key: str, nulls: Sequence[str]) -> str:
    """Return the SQL of the values of a key as text; NaN, which is no JSON, is a missing value."""
    value, kind = f"json_extract_string(j, {_pointer(key)})", f"json_type(j, {_pointer(key)})"
    missing = f"({kind} = 'DOUBLE' and {value} = 'NaN')"
    if nulls:
        missing += f" or ({kind} = 'VARCHAR' and {value} in ({', '.join(map(literal, nulls))}))"
    return f"case when {missing} then null else {value} end as c{position}"


def _pointer(key: str) -> str:
    return literal("/" + key.replace("~", "~0").replace("/", "~1"))
