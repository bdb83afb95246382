"""What DVC says of a file or a folder: in a `.dvc` file beside it, or as an output in `dvc.lock`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun, Where

_CHUNK = 1024 * 1024
_FOLDER = ".dir"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """What DVC keeps under a path."""

    file: Path
    """The file that says so."""
    path: Path
    """The file or the folder that it keeps."""
    md5: str
    """The MD5 of the file, or of the list of a folder's files, which ends with `.dir`."""
    as_text: bool = False
    """Whether that may be of the text with Unix line ends, as versions before 3 have it."""

    @property
    def is_locked(self) -> bool:
        """Whether it is the output of a stage of a pipeline."""
        return self.file.name == "dvc.lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """The data is what a pointer says."""

    pointer: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """The data is not what a pointer says."""

    path: Path
    pointer: Path
    fix: str


def compared(paths: Sequence[Path]) -> Iterator[Match | Mismatch]:
    """Compare data that is there with DVC's pointers to it, or to folders that it is in; what has none is left out.

    Raises:
        CannotRun: a pointer cannot be read.
    """
    known = cache(lambda file: tuple(outputs(file)))
    sums = cache(_of_folder)
    for path in paths:
        pointer = pointer_of(path, known)
        if pointer is None or not pointer.md5:
            continue
        if _is_same(path, pointer, sums):
            yield Match(pointer=pointer.file)
        else:
            yield Mismatch(path=path, pointer=pointer.file, fix=_fix(pointer))


def _fix(pointer: Pointer) -> str:
    name = pointer.path.name
    if pointer.is_locked:
        return f"Run `dvc repro` to make it anew, `dvc commit` if it is right, or `dvc checkout {name}`."
    return f"Run `dvc add {name}` if the data is right, or `dvc checkout {name}` if the pointer is."


def pointer_of(path: Path, read: Callable[[Path], Iterable[Pointer]] | None = None) -> Pointer | None:
    """Return what DVC says of `path`, or of the nearest folder above it that DVC keeps as a whole.

    `read` gives the pointers in a file, where many paths are asked for.

    Raises:
        CannotRun: a pointer cannot be read.
    """
    read = read or outputs
    for kept in (path, *path.parents):
        beside = kept.with_name(f"{kept.name}.dvc") if kept.name else kept
        files = [each for each in (beside, *_locks(kept)) if each.is_file()]
        found = next((each for file in files for each in read(file) if _same_path(each.path, kept)), None)
        if found is not None or _is_top(kept):
            return found
    return None


def _is_top(folder: Path) -> bool:
    return (folder / ".git").exists() or (folder / ".dvc").is_dir()


def _locks(path: Path) -> Iterator[Path]:
    for folder in path.parents:
        yield folder / "dvc.lock"
        if _is_top(folder):
            return


def _same_path(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


def outputs(file: Path) -> Iterator[Pointer]:
    """Give what a `.dvc` file or a `dvc.lock` points to.

    Raises:
        CannotRun: it cannot be read.
    """
    content = _read(file)
    written = _made(file, content) if file.name == "dvc.lock" else [(content, str(content.get("wdir") or "."))]
    for stage, folder in written:
        outs = stage.get("outs")
        for out in outs if isinstance(outs, list) else []:
            if isinstance(out, Mapping) and "path" in out:
                yield Pointer(
                    file=file,
                    path=file.parent / folder / str(out["path"]),
                    md5=str(out.get("md5") or ""),
                    as_text=out.get("hash") != "md5",
                )


def _made(lock: Path, content: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give the stages of a lock with their working folders, which only `dvc.yaml` tells."""
    beside = lock.with_name("dvc.yaml")
    told = _stages(_read(beside)) if beside.is_file() else {}
    for name, stage in _stages(content).items():
        stage_told = told.get(name.partition("@")[0], {})
        inner = stage_told.get("do")
        folder = str((inner if isinstance(inner, Mapping) else stage_told).get("wdir") or ".")
        if "${" not in folder:
            yield stage, folder


def _stages(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    stages = content.get("stages", content)
    named = stages.items() if isinstance(stages, Mapping) else ()
    return {str(name): stage for name, stage in named if isinstance(stage, Mapping)}


def _read(file: Path) -> Mapping[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise CannotRun(f"cannot be read: {error}", where=Where(path=file.name)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CannotRun(
            "is no YAML",
            where=Where(path=file.name, line=mark.line + 1 if mark else None),
            fix="Solve a merge conflict.",
        ) from error
    if not isinstance(content, dict):
        raise CannotRun("is no pointer of DVC", where=Where(path=file.name))
    return content


def _is_same(path: Path, pointer: Pointer, sums: Callable[[Path], str]) -> bool:
    if not pointer.md5.endswith(_FOLDER):
        return path.is_file() and pointer.md5 in _sums(path, as_text=pointer.as_text)
    known = _listed(pointer)
    if known is not None and path.is_file():
        name = path.resolve().relative_to(pointer.path.resolve()).as_posix()
        return known.get(name) in _sums(path, as_text=pointer.as_text)
    return pointer.md5 == sums(pointer.path)


def _listed(pointer: Pointer) -> dict[str, str] | None:
    """Return the sums of a folder's files, from DVC's cache where that has them."""
    top = next((folder for folder in pointer.path.parents if (folder / ".dvc").is_dir()), None)
    if top is None:
        return None
    first, rest = pointer.md5[:2], pointer.md5[2:]
    places = (top / ".dvc/cache/files/md5" / first / rest, top / ".dvc/cache" / first / rest)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return None
    try:
        return {str(each["relpath"]): str(each["md5"]) for each in json.loads(found.read_text(encoding="utf-8"))}
    except (ValueError, TypeError, KeyError):
        return None


def _of_folder(folder: Path) -> str:
    """Return the sum of a folder as DVC computes it: over the sums of its files in the order of their paths."""
    if not folder.is_dir():
        return ""
    names = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
    listed = [{"md5": _sums(folder / name, as_text=False)[0], "relpath": name} for name in names]
    return hashlib.md5(json.dumps(listed, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + _FOLDER


def _sums(path: Path, *, as_text: bool) -> tuple[str, ...]:
    """Return the MD5 of a file, and that of its text with Unix line ends where that is asked for."""
    whole, text = hashlib.md5(usedforsecurity=False), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if chunk.endswith(b"\r"):
                chunk += file.read(1)
            whole.update(chunk)
            if as_text:
                text.update(chunk.replace(b"\r\n", b"\n"))
    return (whole.hexdigest(), text.hexdigest()) if as_text else (whole.hexdigest(),)
