"""The worker's side of loaders: calls a function of the project and writes the table that it returns to a file.

Loaded by the worker from beside it, under the project's own interpreter: Python 3.8, the standard library, and nothing
of mlci. A frame is written as Parquet where its own library can, else as CSV with the types of its columns.
"""

import csv
import datetime as dt
import json
import math
import numbers
import os
import sys
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

MISSING = "\\N (mlci: missing)"
"""What stands for a missing value in CSV."""
KNOWN = "a frame of pandas, Polars or PyArrow, a relation of DuckDB, or a list of dicts"


class Wrong(Exception):  # noqa: N818 - it is an answer, not an error
    """What the function returned is no table; the text follows its name."""


def write_returned(function: Callable[..., Any], arguments: Dict[str, Any], folder: str) -> Dict[str, Any]:
    """Call `function` and write what it returns into `folder`; return `file, types, missing`, or `problem`."""
    try:
        return _write(function(**arguments), folder)
    except Wrong as error:
        return {"problem": str(error)}


def _write(value: Any, folder: str) -> Dict[str, Any]:
    if hasattr(value, "collect") and hasattr(value, "lazy"):
        value = value.collect()  # a lazy frame of Polars
    columns = _columns(value)
    if columns is not None:
        _check_names(columns)
        path = os.path.join(folder, "data.parquet")
        try:
            if _write_parquet(value, path):
                return {"file": "data.parquet"}
        except ImportError:
            pass  # no library that writes Parquet
        except Exception as error:  # a column of several types, for one: as text it can be looked at
            sys.stderr.write("the frame cannot be written as Parquet: %s\n" % error)
    names, rows = _rows(value, columns)
    return _write_csv(names, rows, folder)


def _columns(value: Any) -> Optional[List[Any]]:
    """Return the names of a frame's columns; nothing where it is no frame."""
    names = getattr(value, "column_names", None) or getattr(value, "columns", None)
    if names is None or isinstance(value, (dict, type)) or callable(names):
        return None
    return [str(name) if isinstance(name, (str, int)) else name for name in names if isinstance(name, (str, int))] or []


def _check_names(names: Sequence[Any]) -> None:
    if not names:
        raise Wrong("returned a table without columns")
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise Wrong('returned a table with two columns called "%s"' % twice[0])


def _write_parquet(value: Any, path: str) -> bool:
    """Write a frame by its own library; return whether it can."""
    module = type(value).__module__.split(".")[0].lstrip("_")
    if module == "pandas":
        value.rename(columns=str).to_parquet(path, index=False)
    elif module == "polars" or hasattr(value, "write_parquet"):  # DuckDB's relations too
        value.write_parquet(path)
    elif module == "pyarrow":
        import pyarrow.parquet

        pyarrow.parquet.write_table(value, path)
    else:
        return False
    return True


def _rows(value: Any, columns: Optional[List[Any]]) -> Tuple[List[str], Iterable[Sequence[Any]]]:
    """Return the names of the columns and the rows of a frame, a list of dicts or a dict of lists."""
    if columns is not None and hasattr(value, "itertuples"):
        return list(map(str, columns)), value.itertuples(index=False, name=None)
    for name in ("to_dicts", "to_pylist"):
        if columns is not None and hasattr(value, name):
            return _of_dicts(getattr(value, name)())
    if isinstance(value, dict) and value and all(isinstance(each, (list, tuple)) for each in value.values()):
        if len({len(each) for each in value.values()}) > 1:
            raise Wrong("returned lists of different lengths")
        return list(map(str, value)), list(zip(*value.values()))  # noqa: B905 - older Pythons have no `strict`
    if columns is not None or isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise Wrong("returned %s, not %s" % (_named(value), KNOWN))
    return _of_dicts(list(value))


def _named(value: Any) -> str:
    return "nothing" if value is None else "a value of type %s" % type(value).__name__


def _of_dicts(rows: Sequence[Any]) -> Tuple[List[str], Iterable[Sequence[Any]]]:
    wrong = next((row for row in rows if not isinstance(row, dict)), None)
    if wrong is not None:
        raise Wrong("returned a list that holds %s, not %s" % (_named(wrong), KNOWN))
    names: Dict[Any, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    _check_names(list(map(str, names)))
    return list(map(str, names)), [[row.get(name) for name in names] for row in rows]


# --- CSV --------------------------------------------------------------------------------------------------------------


def _write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]], folder: str) -> Dict[str, Any]:
    kinds: List[Set[str]] = [set() for _ in names]
    with open(os.path.join(folder, "data.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_text(value, kinds[at]) for at, value in enumerate(row)])
    return {"file": "data.csv", "missing": MISSING, "types": {n: _type(k) for n, k in zip(names, kinds)}}  # noqa: B905


def _text(value: Any, kinds: Set[str]) -> str:
    if _is_missing(value):
        return MISSING
    kind, text = _written(value)
    kinds.add(kind)
    return text


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _written(value: Any) -> Tuple[str, str]:
    """Return the kind of a value and its text."""
    if isinstance(value, str):
        return "text", str(value)
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "boolean", str(value).lower()
    if isinstance(value, numbers.Integral):
        return "integer", str(int(value))
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        return "number", repr(float(value))
    if isinstance(value, dt.datetime):
        return "datetime", value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return "date", value.isoformat()
    if isinstance(value, (list, tuple, dict)):
        return "text", json.dumps(value, default=str, ensure_ascii=False)
    return "text", str(value)


def _type(kinds: Set[str]) -> str:
    """Return the declared type of a column whose values are of `kinds`; of several, text."""
    if kinds <= {"integer", "number"} and kinds:
        return "number" if "number" in kinds else "integer"
    if kinds == {"date", "datetime"}:
        return "datetime"
    return next(iter(kinds)) if len(kinds) == 1 else "text"
