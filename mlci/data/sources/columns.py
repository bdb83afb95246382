"""The columns of several files as one table: those that all have, and those that their places add."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mlci.data.sources.parts import Part
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, Where

_SHOWN = 5


def united(headers: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return every column of the files, in the order in which they are met."""
    return tuple(dict.fromkeys(name for header in headers for name in header))


def check_alike(parts: Sequence[Part], headers: Sequence[Sequence[str]], reading: Reading) -> None:
    """Raise `CannotRun` where a file has other columns than the first, in whatever order, unless that is allowed."""
    if reading.union_by_name:
        return
    first = headers[0]
    for part, header in zip(parts, headers, strict=True):
        missing = [name for name in first if name not in header]
        more = [name for name in header if name not in first]
        if missing or more:
            said = " and ".join(
                f"{word} {_listed(names)}" for word, names in (("lacks", missing), ("has", more)) if names
            )
            raise CannotRun(
                f"{said}, unlike {parts[0].name}",
                where=Where(path=part.name),
                fix="Make the columns alike, or set `union-by-name: true`.",
            )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"the column{'s' * (len(names) > 1)} {shown}"


def added(parts: Sequence[Part], header: Collection[str], reading: Reading) -> Mapping[str, tuple[str | None, ...]]:
    """Return the columns that are not in the files, with their value for each: partitions, and the file's name.

    Raises:
        CannotRun: the files have a column of the name that the column of file names is to have.
    """
    columns = {
        name: tuple(part.values[position][1] for part in parts)
        for position, (name, _) in enumerate(parts[0].values)
        if name not in header
    }
    if reading.file_column is None:
        return columns
    if reading.file_column in {*header, *columns}:
        raise CannotRun(
            f'there is a column "{reading.file_column}" already',
            where=reading.where(),
            fix="Choose another `file-column`.",
        )
    return {**columns, reading.file_column: tuple(part.name for part in parts)}
