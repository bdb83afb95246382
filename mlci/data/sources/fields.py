"""What every source of text makes of its file: a table of fields as they are written, and the names of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mlci.data.batch import Batch
from mlci.data.sources.engine import Engine
from mlci.data.sources.inference import typed_batch
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun
from mlci.expectations.columns import Kind

IN_MEMORY = 64 * 1024 * 1024
"""Smaller CSV files are loaded once; larger ones are read anew by each pass."""
NULL_VALUES = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""The texts that mean a missing value where the configuration names none: those of pandas."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """The fields of a file as text, in a table or a view of the engine with the columns c0, c1, …."""

    table: str
    header: tuple[str, ...]
    """The names of the columns."""
    kinds: Mapping[int, frozenset[Kind]] = field(default_factory=dict)
    """What values the columns at these positions have by their format, where it says so; text is always possible."""
    lines: Callable[[Sequence[int]], dict[int, int]] = field(default=lambda _rows: {})
    """The lines that rows of these numbers, from 1, begin on."""
    files: Callable[[Sequence[int]], dict[int, str]] = field(default=lambda _rows: {})
    """The files that rows of these numbers come from, where there are several."""
    explain: Callable[[Exception], Exception] = field(default=lambda error: error)
    """Says in the user's terms what went wrong when the table was read."""
    again: Callable[[], Fields | None] = field(default=lambda: None)
    """Another way to read the file, for when reading the table fails."""


def batch_of_fields(engine: Engine, fields: Fields, reading: Reading) -> Batch:
    """Return the batch of a table of fields.

    Raises:
        CannotRun: its file is not well formed.
    """
    try:
        batch = typed_batch(engine, fields.table, fields.header, reading, kinds=fields.kinds)
    except CannotRun:
        raise
    except Exception as error:
        other = fields.again()
        if other is None:
            raise fields.explain(error) from error
        return batch_of_fields(engine, other, reading)
    return replace(batch, lines=fields.lines, files=fields.files)
