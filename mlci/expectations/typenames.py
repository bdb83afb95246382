"""The names that types go by: Python's, NumPy's, pandas', SQL's and Spark's."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Mapping, Sequence

from mlci.errors import did_you_mean
from mlci.expectations.columns import CannotJudge, Column, Kind

_NAMES: Mapping[Kind, str] = {
    "integer": """
        int int_ integer int8 int16 int32 int64 uint8 uint16 uint32 uint64 Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32
        UInt64 Int8Dtype Int16Dtype Int32Dtype Int64Dtype INTEGER Integer INT BIGINT SMALLINT TINYINT HUGEINT UBIGINT
        UINTEGER USMALLINT UTINYINT BigInteger SmallInteger IntegerType LongType ShortType ByteType
    """,
    "number": """
        float float_ number double float16 float32 float64 Float32 Float64 Float32Dtype Float64Dtype FLOAT Float REAL
        DOUBLE DOUBLE_PRECISION FloatType DoubleType
    """,
    "decimal": "decimal Decimal DECIMAL NUMERIC Numeric DecimalType",
    "boolean": "bool bool_ boolean BOOLEAN Boolean BOOL BooleanDtype BooleanType",
    "text": """
        str str_ string text object object_ O category StringDtype CategoricalDtype string[python] string[pyarrow]
        VARCHAR String TEXT CHAR STRING StringType
    """,
    "date": "date Date DATE DateType",
    "datetime": """
        datetime Timestamp datetime64 datetime64[ns] datetime64[us] datetime64[ms] datetime64[s] DatetimeTZDtype
        TIMESTAMP DATETIME DateTime TimestampType TIMESTAMPTZ TimestampNTZType
    """,
    "duration": "timedelta Timedelta timedelta64 timedelta64[ns] INTERVAL Interval",
    "binary": "bytes BLOB BYTEA BinaryType LargeBinary",
    "nested": "list dict tuple LIST STRUCT MAP ARRAY ArrayType StructType MapType",
    "object": "complex UUID UUIDType",
}
OBJECTS = frozenset({"object", "object_", "O"})
"""Names of the type of Python's own objects."""
KINDS: Mapping[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_AWARE = frozenset({"DatetimeTZDtype", "TIMESTAMPTZ"})
_NAIVE = frozenset(
    {"datetime64", "datetime64[ns]", "datetime64[us]", "datetime64[ms]", "datetime64[s]", "TIMESTAMP_NTZ"}
)


def known(name: str) -> str:
    """Return `name`, which must be the name of a type, without what stands in brackets."""
    if name in KINDS:
        return name
    bare = re.sub(r"[\[(].*", "", name)
    if bare in KINDS:
        return bare
    raise CannotJudge(
        f'unknown type "{name}"; {did_you_mean(name, KINDS) or "it is no type of Python, NumPy, pandas, SQL or Spark"}'
    )


def is_type(column: Column, name: str, *, exactly: bool = False) -> bool:
    """Whether the type of `column` answers to `name`; `exactly` tells nullable types of pandas from NumPy's."""
    if name == column.native:
        return True
    name = known(name)
    if name in (_NAIVE if column.aware else _AWARE):
        return False
    if column.engine == "pandas" and column.kind == "text" and not _is_pandas_text(name, column.native):
        return False
    if column.engine == "pandas" and exactly and _is_nullable(name) != _is_nullable(column.native):
        return False
    if KINDS[name] not in {column.kind, *column.kinds}:
        return False
    return KINDS[name] != column.kind or _widths_agree(name, column)


def _is_pandas_text(name: str, native: str) -> bool:
    """Whether a pandas column of texts, which are objects, of type str or of type string, is of type `name`."""
    if name in {"string", "StringDtype"}:
        return native.startswith("string")
    return name not in OBJECTS or native == "object"


def _is_nullable(name: str) -> bool:
    return name in {"boolean", "string"} or re.fullmatch(r"U?Int\d+|Float\d+", name) is not None


_WIDTHS = {
    "TINYINT": "int8",
    "SMALLINT": "int16",
    "INTEGER": "int32",
    "BIGINT": "int64",
    "UTINYINT": "uint8",
    "USMALLINT": "uint16",
    "UINTEGER": "uint32",
    "UBIGINT": "uint64",
    "FLOAT": "float32",
    "DOUBLE": "float64",
}


def _numpy(native: str) -> str:
    return _WIDTHS.get(native, native).lower()


def _widths_agree(name: str, column: Column) -> bool:
    """Whether a name that states a width states that of the column, where that has one."""
    stated, found = re.sub("dtype$", "", name.lower()), _numpy(column.native)
    pattern = r"(u?int|float)\d+"
    return not re.fullmatch(pattern, stated) or not re.fullmatch(pattern, found) or stated == found


_SCALARS: Mapping[Kind, str] = {"boolean": "bool", "datetime": "datetime64", "duration": "timedelta64"}


def scalar_name(column: Column, asked: Sequence[str]) -> str | None:
    """Return the name of NumPy's scalar type for the values of `column`; nothing where they are Python's objects."""
    if column.native == "str":
        return "str"
    if column.kind == "text" and OBJECTS & set(asked):
        return "object_"
    if column.native == "object" or column.kind not in {"integer", "number", *_SCALARS}:
        return None
    if column.aware:
        return "Timestamp"
    return _SCALARS.get(column.kind) or _numpy(column.native)


_PYTHON: Mapping[Kind, tuple[type, ...]] = {
    "integer": (int,),
    "number": (float,),
    "decimal": (decimal.Decimal,),
    "boolean": (bool,),
    "text": (str,),
    "date": (dt.date,),
    "datetime": (dt.datetime,),
    "duration": (dt.timedelta,),
    "binary": (bytes,),
    "nested": (list, dict, tuple),
    "object": (complex, uuid.UUID),
}
_NAMED: Mapping[str, tuple[type, ...]] = {"list": (list,), "dict": (dict,), "tuple": (tuple,)}


def python_types(name: str) -> tuple[type, ...]:
    """Return the types of Python's values that `name` means."""
    return _NAMED.get(name) or _PYTHON[KINDS[name]]
