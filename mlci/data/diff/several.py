"""What the files of a pattern, a folder or a list were at the base commit, laid out as they lay there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlci.data.diff import dvc
from mlci.data.diff.versions import Versions
from mlci.locations import is_pattern, matches

_LINK = "120000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Several:
    """The files of an asset, now and at the base, by their paths from the top of the repository."""

    written: tuple[str, ...]
    """What the asset says: patterns, folders and files, relative to `root`."""
    root: str
    """The folder of `mlci.yaml`, from the top."""
    before: Mapping[str, str]
    """The files of the base and the ids of their contents."""
    now: tuple[str, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """Those of `written` that stood for a file at the base."""
        return tuple(each for each in self.written if any(_meant(self.root, each, file) for file in self.before))


def several(versions: Versions, root: Path, written: Sequence[str], now: Sequence[Path]) -> Several | str:
    """Return the files that `written` stands for, `now` being those that it stands for today; or why they cannot be.

    Raises:
        CannotRun: git cannot tell.
    """
    try:
        start = root.resolve().relative_to(versions.top).as_posix()
        inside = tuple((path.parent.resolve() / path.name).relative_to(versions.top).as_posix() for path in now)
    except ValueError:
        return "git does not have its files"
    before = dict(_listed(versions, start, written))
    if any(file not in before and _of_dvc(versions, file) for file in inside):
        return "DVC keeps its files, and only single files of DVC are compared"
    return Several(written=tuple(written), root=start, before=before, now=inside)


def same(versions: Versions, files: Several) -> bool:
    """Whether no file was added, removed or changed."""
    return set(files.before) == set(files.now) and all(
        versions.of(versions.top / file).status == "same" for file in files.now
    )


def restore(versions: Versions, files: Several, folder: Path) -> str | None:
    """Write the files of the base below `folder`, as they lie below the folder of `mlci.yaml`; return what hinders.

    Raises:
        CannotRun: git cannot tell.
    """
    for file, blob in files.before.items():
        place = folder / os.path.relpath(file, files.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        found = versions.content(blob)
        if found.status == "lost":
            return found.note
        if found.path is not None:
            place.symlink_to(found.path.resolve())
        elif not versions.repository.save(blob, place):
            return "the base's data is not in this clone"
    return None


def size(versions: Versions, files: Several) -> int:
    """Return how many bytes the larger of the two versions has."""
    before = sum(versions.size(blob) for blob in files.before.values())
    return max(before, sum((versions.top / file).stat().st_size for file in files.now))


def _listed(versions: Versions, root: str, written: Sequence[str]) -> Iterator[tuple[str, str]]:
    listed = versions.repository.run("ls-tree", "-r", "-z", versions.commit, "--", root).stdout
    for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, file = entry.partition("\t")
        mode, _, rest = head.partition(" ")
        kind, _, blob = rest.partition(" ")
        is_data = kind == "blob" and mode != _LINK and not file.endswith(".dvc")
        if is_data and any(_meant(root, each, file) for each in written):
            yield file, blob


def _meant(root: str, written: str, file: str) -> bool:
    """Whether `written` stands for `file`, or for a folder above it."""
    wanted = PurePosixPath(os.path.normpath(PurePosixPath(root) / written))
    path = PurePosixPath(file)
    hidden = any(part.startswith((".", "_")) for part in path.parts[len(wanted.parts) :])
    within = wanted in path.parents and not hidden
    return wanted == path or within or (is_pattern(written) and matches(Path(wanted), Path(path)))


def _of_dvc(versions: Versions, file: str) -> bool:
    def text(path: PurePosixPath) -> bytes | None:
        place = versions.top / path
        return place.read_bytes() if place.is_file() else None

    return dvc.root_of(versions.top, file) is not None and dvc.tracked(file, text) is not None
