"""The names that types go by: Python's, NumPy's, pandas', SQL's and Spark's."""

from __future__ import annotations

import re
from collections.abc import Mapping

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


def is_type(column: Column, name: str) -> bool:
    """Whether the type of `column` answers to `name`."""
    if name == column.native:
        return True
    name = known(name)
    if name in (_NAIVE if column.aware else _AWARE):
        return False
    return KINDS[name] == column.kind or KINDS[name] in column.kinds
