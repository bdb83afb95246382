"""How the fields of a CSV file are told apart, and its header."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mlci.data.sources.engine import literal
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun

LONGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """The signs of a CSV file; `quote` is empty where nothing is quoted."""

    delimiter: str
    quote: str = '"'
    escape: str = '"'
    """What stands before a quote inside a quoted field; the quote itself where it is doubled."""

    @property
    def sql(self) -> str:
        """The options for DuckDB's `read_csv`."""
        return f"delim={literal(self.delimiter)}, quote={literal(self.quote)}, escape={literal(self.escape)}"

    def records(self, lines: Iterator[str], *, strict: bool = True) -> Any:
        """Return a reader of the records in `lines`."""
        csv.field_size_limit(LONGEST_LINE)
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, strict=strict)
        doubled = self.escape == self.quote
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            doublequote=doubled,
            escapechar=None if doubled else self.escape,
            strict=strict,
        )


def dialect_of(reading: Reading, *, tabs: bool) -> Dialect:
    """Return the dialect of a file; `tabs` where a tab is what separates fields unless it is said.

    Raises:
        CannotRun: its signs cannot be told apart.
    """
    delimiter = reading.delimiter or ("\t" if tabs else ",")
    if len(delimiter.encode()) != 1 or delimiter in f"\r\n{reading.quote}":
        raise CannotRun(f"the delimiter {delimiter!r} is not one plain character", where=reading.where())
    return Dialect(delimiter=delimiter, quote=reading.quote, escape=(reading.escape or reading.quote))


def codec(reading: Reading) -> str:
    """Return Python's name of a file's encoding.

    Raises:
        CannotRun: there is no such encoding.
    """
    try:
        name = codecs.lookup(reading.encoding).name
    except LookupError:
        raise CannotRun(f'there is no encoding "{reading.encoding}"', where=reading.where()) from None
    return "utf-8-sig" if name in {"utf-8", "ascii"} else name


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The names of the columns, and the lines above the first record."""

    names: tuple[str, ...]
    above: int


def header_of(reading: Reading, dialect: Dialect) -> Header:
    """Return the header of a CSV file.

    Raises:
        CannotRun: there is none, it is not well formed, or it has a name twice.
    """
    try:
        with reading.path.open(encoding=codec(reading), newline="") as file:
            blank = itertools.takewhile(lambda pair: _is_above(*pair, reading), enumerate(file))
            above = sum(1 for _ in blank)
        with opened(reading, above) as lines:
            first: list[str] = next(dialect.records(lines), [])
    except UnicodeError as error:
        raise not_encoded(reading) from error
    except csv.Error as error:
        raise CannotRun(f"the header cannot be read: {error}", where=reading.where(above + 1)) from error
    return Header(names=tuple(named(first, reading, above + 1)), above=above)


def _is_above(number: int, line: str, reading: Reading) -> bool:
    return number < reading.skip_rows or not line.strip("\r\n")


def named(first: Sequence[str], reading: Reading, line: int) -> list[str]:
    """Return the names of the columns of a file whose first record is `first`.

    Raises:
        CannotRun: there is no record, a name stands twice, or `names` are more or fewer than the columns.
    """
    if not first:
        raise CannotRun("has no header", where=reading.where(line))
    if reading.names and len(reading.names) != len(first):
        said = f"`names` gives {len(reading.names)} columns, and the file has {len(first)}"
        raise CannotRun(said, where=reading.where(line))
    if reading.names:
        return list(reading.names)
    if not reading.header:
        return [str(position) for position in range(len(first))]
    names = [name or f"Unnamed: {position}" for position, name in enumerate(first)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise CannotRun(
            f'the column "{twice[0]}" stands in the header twice',
            where=reading.where(line),
            fix="Name each column once.",
        )
    return names


@contextmanager
def opened(reading: Reading, above: int = 0) -> Iterator[Iterator[str]]:
    """Give the lines of a text file, less those above its first record."""
    with reading.path.open(encoding=codec(reading), newline="") as file:
        yield itertools.islice(file, above, None)


def not_encoded(reading: Reading) -> CannotRun:
    """Return the error that a file is not in its encoding, with the first line that is not."""
    line = 1
    decoder = codecs.getincrementaldecoder(codec(reading))()
    with reading.path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            try:
                decoder.decode(text)
            except UnicodeError:
                line = number
                break
    return CannotRun(
        f"is not {reading.encoding}", where=reading.where(line), fix="Save it as UTF-8, or name its `encoding:`."
    )
