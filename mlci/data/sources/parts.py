"""The files behind an asset: one, or all of a folder, a pattern or a list, in a fixed order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from mlci.data.sources.formats import format_by_name
from mlci.data.sources.reading import DvcPointer, Reading, refuse_pointed
from mlci.errors import CannotRun, UsageError
from mlci.locations import is_pattern, is_url, redacted

_NOTHING = "__HIVE_DEFAULT_PARTITION__"
_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of an asset."""

    location: str
    """A path on this machine, or a URL."""
    name: str
    """What messages call it."""
    values: tuple[tuple[str, str | None], ...] = ()
    """What the folders above it say of all its rows (`year=2024`), for files that were found and not named."""


def parts_of(reading: Reading) -> tuple[Part, ...]:
    """Return the files to read, those of a pattern or a folder in the order of their names.

    Raises:
        CannotRun: there are none, or one of them stands twice.
        DvcPointer: DVC has a file that belongs to them and is not there.
        UsageError: nothing says how to read what is in a folder.
    """
    if not reading.sources:
        found = tuple(_local(reading, reading.path, reading.name))
    else:
        found = tuple(part for written in reading.sources for part in _found(reading, written))
    known = {part.location for part in found}
    if len(known) < len(found):
        raise CannotRun("the same file is named twice", where=reading.where(), fix="Name each file once.")
    _same_folders(found, reading)
    return found


def _found(reading: Reading, written: str) -> Iterator[Part]:
    if is_url(written):
        from mlci.data.sources.remote import remote_parts

        yield from remote_parts(reading, written)
        return
    yield from _local(reading, reading.path / written, written)


def _local(reading: Reading, path: Path, written: str) -> Iterator[Part]:
    if path.is_dir():
        yield from _in_folder(reading, path, written)
    elif not path.exists() and is_pattern(written):
        yield from _by_pattern(reading, path, written)
    else:
        yield Part(location=str(path), name=written)


def _by_pattern(reading: Reading, path: Path, written: str) -> Iterator[Part]:
    there = matching(path)
    _all_there(reading, [each.removesuffix(".dvc") for each in _matching(f"{path}.dvc")])
    base = Path(*_before_magic(path))
    if not there:
        refuse_pointed(reading, base)
        raise CannotRun(
            f"no file matches `{written}`", where=reading.where(), fix="Fetch them, or correct the pattern."
        )
    for each in there:
        yield _part(each, base, _name(written, path, str(each)))


def matching(path: Path) -> list[Path]:
    """Return the data files that a pattern stands for, in the order of their names."""
    return sorted(each for each in map(Path, _matching(str(path))) if _is_data(each))


def _matching(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 - the pattern begins anywhere


def _before_magic(path: Path) -> Iterator[str]:
    for part in path.parts[:-1]:
        if is_pattern(part):
            return
        yield part


def _name(written: str, path: Path, found: str) -> str:
    """Return what messages call a file: relative to what the pattern is relative to."""
    root = str(path)[: -len(written)] if str(path).endswith(written) else ""
    return found.removeprefix(root)


def _in_folder(reading: Reading, folder: Path, written: str) -> Iterator[Part]:
    files = sorted(each for each in folder.rglob("*") if _is_data(each) and not _is_hidden(each, folder))
    _all_there(reading, [str(each)[: -len(".dvc")] for each in folder.rglob("?*.dvc")])
    known = [each for each in files if format_by_name(each.name) is not None]
    fitting = [each for each in known if reading.format in {format_by_name(each.name), None}]
    chosen = fitting or ([] if reading.format is None else files)
    formats = {format_by_name(each.name) for each in chosen}
    if not chosen:
        wanted = f"{reading.format} file" if reading.format else "data file"
        raise CannotRun(f"is a folder without a {wanted}", where=reading.where(), fix="Fetch it, or correct the path.")
    if len(formats) > 1 and reading.format is None:
        shown = ", ".join(str(each.relative_to(folder)) for each in _one_each(chosen))
        raise UsageError(
            f"the folder holds files of several formats: {shown}", where=reading.where(), fix="Say the `format:`."
        )
    for each in chosen:
        yield _part(each, folder, f"{written.rstrip('/')}/{each.relative_to(folder).as_posix()}")


def _one_each(files: Sequence[Path]) -> list[Path]:
    return list({format_by_name(each.name): each for each in reversed(files)}.values())[::-1]


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix != ".dvc"


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _all_there(reading: Reading, pointed: Sequence[str]) -> None:
    missing = sorted(each for each in pointed if not Path(each).exists())
    if missing:
        shown = ", ".join(Path(each).name for each in missing[:_SHOWN]) + (", …" if len(missing) > _SHOWN else "")
        raise DvcPointer(f"DVC has {shown}, not checked out here", where=reading.where(), fix="Run `dvc pull`.")


def _part(path: Path, base: Path, name: str) -> Part:
    folders = Path(os.path.relpath(path, base)).as_posix()
    return Part(location=str(path), name=name, values=tuple(said_by_folders(folders)))


def said_by_folders(path: str) -> Iterator[tuple[str, str | None]]:
    """Give the name and the value of each folder of `path` that is written `name=value`."""
    for folder in PurePosixPath(path).parts[:-1]:
        name, equal, value = folder.partition("=")
        if equal and name:
            yield unquote(name), None if value == _NOTHING else unquote(value)


def _same_folders(parts: Sequence[Part], reading: Reading) -> None:
    names = {tuple(name for name, _ in part.values) for part in parts}
    if len(names) > 1:
        odd = next(part for part in parts if [n for n, _ in part.values] != [n for n, _ in parts[0].values])
        raise CannotRun(
            f"the folders of {redacted(odd.name)} say other columns than those of {redacted(parts[0].name)}",
            where=reading.where(),
        )
