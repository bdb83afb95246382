"""From the names that a report of coverage has for files to the project's own: pure but for looking which exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mlci.code.coverage import Measured

_INSTALLED = frozenset({"site-packages", "dist-packages"})


def located(measured: Measured, root: Path, *, folders: Iterable[str] = ()) -> dict[str, str]:
    """Return the path below `root` of each measured file, by its name in the report; one outside of it is left out.

    A name is taken as it is, below one of the report's own source folders, or below one of `folders` (`src`). Of a
    report made elsewhere, as in a container, the folder that leads to the most files of this project is taken off.
    """
    home = root.resolve()
    bases = ("", *(f"{folder.rstrip('/')}/" for folder in (*measured.sources, *folders, "src")))
    found: dict[str, str] = {}
    lost: list[str] = []
    for name in measured.files:
        path = next(_inside(name, bases, home), None)
        if path is None:
            lost.append(name)
        else:
            found[name] = path
    return {**found, **_moved(lost, measured.sources, lambda path: is_file(home / path))}


def is_file(path: Path) -> bool:
    """Whether there is such a file; not where it is no name that a file could have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _inside(name: str, bases: Iterable[str], home: Path) -> Iterator[str]:
    for base in bases:
        path = home / base / _slashes(name)
        real = path.resolve() if is_file(path) else None
        if real and real.is_relative_to(home) and not _INSTALLED & set(real.parts):
            yield real.relative_to(home).as_posix()


def _moved(names: Iterable[str], sources: Iterable[str], exists: Callable[[str], bool]) -> Mapping[str, str]:
    """Take off each name the one prefix that makes the most of them files of the project."""
    whole = {name: _whole(name, sources) for name in names}
    votes: Counter[PurePosixPath] = Counter()
    for paths in whole.values():
        votes.update({prefix for path in paths for prefix in path.parents if exists(_below(path, prefix))})
    if not votes:
        return {}
    prefix = min(votes, key=lambda prefix: (-votes[prefix], len(prefix.parts)))
    below = {
        name: [_below(path, prefix) for path in paths if path.is_relative_to(prefix)] for name, paths in whole.items()
    }
    return {name: path for name, paths in below.items() for path in paths if exists(path)}


def _whole(name: str, sources: Iterable[str]) -> list[PurePosixPath]:
    """Return the paths that a name may stand for where the report was made."""
    path = PurePosixPath(_slashes(name))
    if path.is_absolute():
        return [path]
    return [*(PurePosixPath(_slashes(source)) / path for source in sources), path]


def _below(path: PurePosixPath, prefix: PurePosixPath) -> str:
    return path.relative_to(prefix).as_posix()


def _slashes(name: str) -> str:
    return name if "/" in name else name.replace("\\", "/")
