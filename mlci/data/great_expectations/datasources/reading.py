"""How a file is read: what Great Expectations hands to pandas or Spark, as the data gate has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mlci.errors import CannotRun, Where

_READERS = {"feather": "arrow"}
"""Readers of pandas whose name is not that of a format."""
_TYPES = (
    (r"str|object|string(\[\w+\])?", "text"),
    (r"u?int\d*", "integer"),
    (r"float\d*", "number"),
    (r"bool(ean)?", "boolean"),
    (r"datetime64(\[.*\])?", "datetime"),
)


def _is(*values: Any) -> Callable[[Any], bool]:
    return lambda value: any(value is known or (type(value) is type(known) and value == known) for known in values)


_WITHOUT_EFFECT: Mapping[str, Callable[[Any], bool]] = {
    "header": _is("infer", 0, True, "true", "True"),
    "compression": _is("infer", "gzip", "bz2", "zip", "xz", "zstd"),
    "orient": _is("records"),
    "lines": _is(False),
    "doublequote": _is(True),
    "quoting": _is(0),
    "keep_default_na": _is(True),
    "na_filter": _is(True),
    "skip_blank_lines": _is(True),
    "skipinitialspace": _is(False),
    "on_bad_lines": _is("error"),
    "error_bad_lines": _is(True),
    "encoding_errors": _is("strict"),
    "thousands": _is(""),
    "decimal": _is("."),
    "skipfooter": _is(0),
    "dayfirst": _is(False),
    "index_col": _is(False),
    "keep_date_col": _is(False),
    "iterator": _is(False),
    "mode": _is("FAILFAST"),
    "multiLine": _is(True),
} | dict.fromkeys(
    (
        *("engine", "low_memory", "memory_map", "cache_dates", "infer_datetime_format", "float_precision", "verbose"),
        *("dtype_backend", "inferSchema", "infer_schema", "use_nullable_dtypes", "mergeSchema", "merge_schema"),
        *("warn_bad_lines", "mangle_dupe_cols"),
    ),
    lambda _value: True,
)
"""Options that change nothing in what the data gate reads: any value, or those that are the default."""


def _is_sign(value: Any) -> bool:
    return isinstance(value, str) and len(value.encode()) == 1


_AS_WRITTEN: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "encoding": ("encoding", lambda value: isinstance(value, str)),
    "quotechar": ("quote", _is_sign),
    "quote": ("quote", _is_sign),
    "escapechar": ("escape", _is_sign),
    "escape": ("escape", _is_sign),
    "comment": ("comment", _is_sign),
    "skiprows": ("skip_rows", lambda value: type(value) is int and value >= 0),
    "sheet_name": ("sheet", lambda value: isinstance(value, str) or type(value) is int),
    "sheetName": ("sheet", lambda value: isinstance(value, str)),
}
"""Options that are keys of an asset under another name, and what values of them are understood."""


def reading_of(reader: str | None, options: Mapping[str, Any], *, spark: bool, where: Where) -> dict[str, Any]:
    """Return the keys of an asset in `mlci.yaml` that read a file as `reader` with `options` does.

    Raises:
        CannotRun: the reader, or an option, is not supported; all of them are named.
    """
    keys: dict[str, Any] = {}
    given = {name: value for name, value in options.items() if value not in (None, [], {})}
    unknown = [name for name, value in given.items() if not _translated(name, value, keys)]
    if unknown:
        listed = ", ".join(f"`{name}: {given[name]}`" for name in unknown)
        raise CannotRun(f"the data is read with {listed}, which is not supported", where=where)
    if ("header" in options and options["header"] is None) or ("names" in keys and "header" not in given):
        keys["header"] = False
    kind = "tsv" if reader in {"table", "read_table"} else _kind(reader, where)
    if kind == "json" and (given.get("lines") is True or (spark and given.get("multiLine") is not True)):
        kind = "jsonl"
    if spark and kind == "csv" and "header" not in given:
        raise CannotRun("Spark reads this file without a header, which is not supported", where=where)
    return {"format": kind, **keys}


def _kind(reader: str | None, where: Where) -> str | None:
    from mlci.data.sources import FORMATS

    if reader is None:
        return None
    name = reader.removeprefix("read_")
    kind = _READERS.get(name, name)
    if kind not in FORMATS.values():
        raise CannotRun(f"files of the kind `{reader}` are not supported", where=where)
    return kind


def _translated(name: str, value: Any, keys: dict[str, Any]) -> bool:
    """Put what an option means into `keys`, and return whether it is understood."""
    if name in {"sep", "delimiter"}:
        keys["delimiter"] = value
        return isinstance(value, str) and len(value) == 1
    if name in _AS_WRITTEN:
        key, fits = _AS_WRITTEN[name]
        keys[key] = value
        return fits(value)
    if name == "names":
        keys["names"] = tuple(value) if isinstance(value, list) else ()
        return isinstance(value, list) and all(isinstance(column, str) for column in value)
    if name == "lines" and value is True:
        return True
    if name == "na_values":
        return _null_values(value, keys)
    if name == "dtype":
        return _types(value, keys)
    if name == "parse_dates":
        return isinstance(value, bool) or _dates(value, keys)
    return name in _WITHOUT_EFFECT and _WITHOUT_EFFECT[name](value)


def _null_values(value: Any, keys: dict[str, Any]) -> bool:
    from mlci.data.sources.fields import NULL_VALUES

    values = [value] if isinstance(value, str | int | float) else value
    if not isinstance(values, list):
        return False
    keys["null_values"] = (*NULL_VALUES, *(str(each) for each in values))
    return True


def _dates(value: Any, keys: dict[str, Any]) -> bool:
    if not isinstance(value, list) or not all(isinstance(column, str) for column in value):
        return False
    keys["types"] = {**keys.get("types", {}), **dict.fromkeys(value, "datetime")}
    return True


def _types(value: Any, keys: dict[str, Any]) -> bool:
    if not isinstance(value, Mapping):
        return False
    found = {column: _type(str(kind)) for column, kind in value.items() if kind != "category"}
    keys["types"] = {**found, **keys.get("types", {})}
    return None not in found.values()


def _type(written: str) -> str | None:
    return next((kind for pattern, kind in _TYPES if re.fullmatch(pattern, written, re.IGNORECASE)), None)
