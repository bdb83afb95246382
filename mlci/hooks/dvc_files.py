"""DVC's files that no longer say what the data is: it was changed, and `dvc add` or `dvc commit` was forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mlci.data.pointers.dvc import Mismatch, Pointer, compared, outputs
from mlci.errors import Where
from mlci.git import Repository, find
from mlci.hooks import Found, Options, hook


@hook("dvc-files")
def dvc_files(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Data that is not what its `.dvc` file or `dvc.lock` says; of every pointer in git, or of the files named."""
    pointers = [options.folder / name for name in (files or _every(options.folder))]
    for file in pointers:
        if not file.is_file() or not (file.name == "dvc.lock" or file.suffix == ".dvc"):
            continue
        there = [pointer.path for pointer in outputs(file) if _may_differ(pointer, named=bool(files))]
        for each in compared(there):
            if isinstance(each, Mismatch):
                shown = _shown(each.pointer, options.folder)
                what = f"{_shown(each.path, options.folder)} is not the data that it points to"
                yield Found(where=Where(path=shown), what=what, fix=each.fix.rstrip("."))


def _every(folder: Path) -> list[str]:
    repository = find(folder)
    if repository is None:
        found = (path for pattern in ("**/*.dvc", "**/dvc.lock") for path in folder.glob(pattern))
        return [path.relative_to(folder).as_posix() for path in found]
    listed = Repository(top=folder, environ=repository.environ).run("ls-files", "-z", "--", "*.dvc", "*dvc.lock")
    return [name for name in listed.stdout.decode("utf-8", "surrogateescape").split("\0") if name]


def _may_differ(pointer: Pointer, *, named: bool) -> bool:
    """Whether data must be read to tell: it is there, and newer than its pointer unless that is what was committed."""
    if not pointer.path.exists():
        return False
    return named or pointer.path.is_dir() or pointer.path.stat().st_mtime > pointer.file.stat().st_mtime


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
