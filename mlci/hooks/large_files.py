"""Large data and model files that would lie in git itself, for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.errors import Where
from mlci.git import Repository, find
from mlci.hooks import Found, Options, hook

_MEGABYTE = 1_000_000
_POINTER = 1_024
"""No pointer of Git LFS is larger, in bytes."""


@hook("large-files")
def large_files(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Files above `--max-mb` that neither Git LFS nor DVC keeps, and those of LFS that are committed whole."""
    repository = find(options.folder)
    here = Repository(top=options.folder, environ=repository.environ) if repository else None
    kept = _of_lfs(files, here) if here else frozenset()
    for name in files:
        path = options.folder / name
        if path.is_symlink() or not path.is_file():
            continue
        size = _staged(name, here) if here else None
        size = path.stat().st_size if size is None else size
        if name in kept:
            if size > _POINTER:
                what = "belongs to Git LFS, and is staged whole: Git LFS was not installed when it was added"
                yield Found(
                    where=Where(path=name), what=what, fix=f"`git lfs install`, then `git add --renormalize {name}`"
                )
        elif size > options.max_mb * _MEGABYTE:
            what = f"has {size / _MEGABYTE:,.1f} MB, more than {options.max_mb:g}"
            yield Found(where=Where(path=name), what=what, fix=f"`git lfs track {name}`, or `dvc add {name}`")


def _of_lfs(files: Sequence[str], here: Repository) -> frozenset[str]:
    sent = "\0".join(files).encode("utf-8", "surrogateescape")
    told = here.run("check-attr", "-z", "--stdin", "filter", sent=sent).stdout.split(b"\0")
    triples = zip(told[::3], told[2::3], strict=False)
    return frozenset(name.decode("utf-8", "surrogateescape") for name, value in triples if value == b"lfs")


def _staged(name: str, here: Repository) -> int | None:
    """Return the bytes that would be committed of a file; None where it is not staged."""
    said = here.ask("cat-file", "-s", f":./{name}")
    return int(said) if said and said.isdigit() else None
