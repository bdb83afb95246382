"""The files of an asset: a folder, a glob and a regular expression over the paths in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.data.great_expectations.model import Request
from mlci.data.great_expectations.project import Project, first_there
from mlci.errors import CannotRun, Where, did_you_mean
from mlci.locations import redacted

_SLICE = re.compile(r"\[?\s*(-?\d*)\s*(?:(:)\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?)?\]?")
_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One file of an asset, and the parts of its name."""

    path: Path
    identifiers: Mapping[str, str]


def folder_of(project: Project, datasource: str, written: Any, where: Where, *, run_there: bool) -> Path:
    """Return the folder that the files of a datasource lie in.

    The project file of 0.x means its own folder by a relative path, fluent datasources the folder where Great
    Expectations is run (`run_there`); the other of the two is tried where there is no such folder, then what is left
    of a path without its leading `..` in the folder of `mlci.yaml`, for a project that was moved on its own.

    Raises:
        CannotRun: there is no such folder.
    """
    named = project.settings.folders.get(datasource)
    if named is not None:
        if not (project.root / named).is_dir():
            raise CannotRun(f"there is no folder `{named}` for the datasource `{datasource}`", where=where)
        return project.root / named
    text = project.filled(str(written or "."), where)
    found = first_there([*_places(project, text, run_there=run_there), *_moved(project, text)])
    if found is None or not found.is_dir():
        raise CannotRun(
            f"there is no folder `{written}` for the datasource `{datasource}`",
            where=where,
            fix=_say_where(project, datasource),
        )
    return found


def file_of(project: Project, datasource: str, written: str, where: Where) -> Path:
    """Return a file that is named outright; relative paths begin where Great Expectations is run.

    Raises:
        CannotRun: it is no path of this machine, or there is no such file.
    """
    named = project.settings.folders.get(datasource)
    text = project.filled(written, where)
    if re.match(r"\w{2,}://", text):
        raise CannotRun(
            f"`{redacted(written)}` is no file on this machine", where=where, fix="Make it an asset under `data:`."
        )
    if named is not None:
        places = [project.root / named / Path(text.replace("\\", "/")).name]
    else:
        places = _places(project, text, run_there=True)
    found = next((place for place in places if place.is_file() or _pointer(place).is_file()), None)
    if found is None:
        near = [each.name for place in places if place.parent.is_dir() for each in place.parent.iterdir()]
        hint = did_you_mean(places[0].name, near)
        raise CannotRun(f"there is no file `{written}`", where=where, fix=hint or _say_where(project, datasource))
    return found


def _say_where(project: Project, datasource: str) -> str:
    settings = f"{{project: {project.settings.project}, folders: {{{datasource}: FOLDER}}}}"
    return f"Say in mlci.yaml where it is: `great-expectations: [{settings}]`."


def _pointer(path: Path) -> Path:
    """Return where DVC keeps the pointer to a file that may not be fetched yet."""
    return path.with_name(f"{path.name}.dvc")


def _places(project: Project, text: str, *, run_there: bool) -> list[Path]:
    there = (project.folder.parent, project.root)
    places = (*there, project.folder) if run_there else (project.folder, *there)
    return [Path(os.path.normpath(place / text)) for place in places]


def _moved(project: Project, text: str) -> list[Path]:
    parts = Path(text).parts
    left = [part for part in parts if part != ".."]
    return [project.root.joinpath(*left)] if left and parts[0] == ".." else []


def batches(folder: Path, glob: str, pattern: str, names: Sequence[str], where: Where) -> list[Batch]:
    """Return the files below `folder` whose paths match, in their order; `names` are those of the groups.

    Raises:
        CannotRun: the pattern is no regular expression, or the glob is not one.
    """
    try:
        expression = re.compile(pattern)
        files = sorted(_files(folder, glob))
    except (re.error, ValueError) as error:
        raise CannotRun(f"`{pattern}` with `{glob}` finds no files: {error}", where=where) from error
    matched = ((file, expression.match(file)) for file in files)
    return [
        Batch(path=folder / file, identifiers=found.groupdict() or dict(zip(names, found.groups(), strict=False)))
        for file, found in matched
        if found
    ]


def _files(folder: Path, glob: str) -> set[str]:
    """Return the paths of files, and of those that only DVC's pointers to them are there of."""
    if Path(glob).is_absolute():
        raise ValueError("the glob does not begin in the folder")
    there = [path for path in folder.glob(glob) if path.is_file() and path.suffix != ".dvc"]
    pointed = [path.with_suffix("") for path in folder.glob(f"{glob}.dvc")]
    return {path.relative_to(folder).as_posix() for path in (*there, *pointed)}


def choose(
    found: Sequence[Batch], request: Request, *, looked_in: str, order: Iterable[tuple[str, bool]] = ()
) -> Batch:
    """Return the batch that a request is about: the last, after `order` (names of parts, and whether descending).

    Raises:
        CannotRun: there is none.
    """
    if not found:
        raise CannotRun(f"no file of the asset `{request.asset}` is in {looked_in}", where=request.where)
    chosen = [batch for batch in found if _matches(batch, request)]
    for name, descending in reversed(tuple(order)):
        chosen.sort(key=lambda batch: str(batch.identifiers.get(name) or ""), reverse=descending)
    chosen = _sliced(chosen, request)
    if not chosen:
        asked = ", ".join(f"{name}={value}" for name, value in request.options.items())
        raise CannotRun(
            f"no file of the asset `{request.asset}` in {looked_in} is the batch asked for {asked or request.index}",
            where=request.where,
        )
    return chosen[-1]


def _matches(batch: Batch, request: Request) -> bool:
    for name, value in request.options.items():
        if name not in batch.identifiers and name != "path":
            raise CannotRun(
                f"the asset `{request.asset}` has no batch option `{name}`",
                where=request.where,
                fix=did_you_mean(name, batch.identifiers) or f"it has {', '.join(batch.identifiers) or 'none'}",
            )
        wanted = value if isinstance(value, list) else [value]
        held = batch.path.as_posix() if name == "path" else batch.identifiers[name]
        if not any(held.endswith(str(each)) if name == "path" else held == str(each) for each in wanted):
            return False
    return True


def _sliced(found: list[Batch], request: Request) -> list[Batch]:
    if request.index is None:
        return found
    parts = _SLICE.fullmatch(str(request.index))
    if not parts or str(request.index).strip("[] ") == "":
        raise CannotRun(f"the batch index {request.index!r} is not supported", where=request.where)
    first, is_slice, last, step = parts.groups()
    numbers = [int(part) if part else None for part in (first, last, step)]
    if is_slice:
        return found[slice(*numbers)] if numbers[2] != 0 else []
    position = int(first)
    return [found[position]] if -len(found) <= position < len(found) else []
