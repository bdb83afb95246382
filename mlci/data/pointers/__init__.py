"""Pointers of DVC and Git LFS: whether the data that is there is the data that they point to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlci.data.assets import Asset
from mlci.data.pointers import dvc, lfs
from mlci.data.pointers.dvc import Mismatch
from mlci.errors import MlciError
from mlci.locations import is_pattern, is_url
from mlci.results.model import Check

__all__ = ["check_pointers"]

_SHOWN = 5


def check_pointers(asset: Asset) -> Iterator[Check]:
    """Yield a check where pointers say what the data of an asset must be; nothing where it is not there."""
    paths = [path for written in asset.asset.paths if not is_url(written) for path in _files(asset, written)]
    summary = f"`{asset.asset.shown}`: the data is what its pointer says"
    try:
        compared = [*dvc.compared(paths), *(found for path in paths if (found := lfs.compared(path, asset)))]
    except MlciError as error:
        summary = f"`{asset.asset.shown}`: its pointer could not be read"
        yield asset.check("pointer", "errored", summary, str(error), error.where)
        return
    wrong = [each for each in compared if isinstance(each, Mismatch)]
    if wrong:
        names = list(dict.fromkeys(_shown(asset, each.path) for each in wrong))
        listed = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        summary = f"{listed}: not the data that {_shown(asset, wrong[0].pointer)} points to"
        yield asset.check("pointer", "failed", summary, f"{summary}. {wrong[0].fix}")
    elif compared:
        yield asset.check("pointer", "passed", summary, None)


def _files(asset: Asset, written: str) -> list[Path]:
    path = asset.context.root / written
    if path.exists() or not is_pattern(written):
        return [path] if path.exists() else []
    from mlci.data.sources.parts import matching

    return matching(path)


def _shown(asset: Asset, path: Path) -> str:
    return str(path.relative_to(asset.context.root)) if path.is_relative_to(asset.context.root) else str(path)
