"""Which files feed a gate: what a commit hook asks before anything heavy is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath

from mlci.config.data import DataAsset
from mlci.config.model import Config
from mlci.config.sources import FILES, Loader, Spark, Sql
from mlci.errors import Where
from mlci.locations import is_pattern, is_url, stands_for

LOCK = "dvc.lock"
"""What DVC writes about the data that stages make."""


def touches(files: frozenset[Path], paths: Iterable[Path]) -> bool:
    """Whether one of `paths` (a folder counts for all below it, a pattern for all that match) is among `files`.

    `files` are resolved; they need not be there any more.
    """
    wanted = [path.resolve() for path in paths]
    return any(stands_for(path, file) for path in wanted for file in files)


def of_data(root: Path, paths: Iterable[str], *, locks: bool = True) -> Iterator[Path]:
    """Give the files behind the paths and patterns of an asset, and DVC's that stand for them; URLs have none.

    Without `locks` no `dvc.lock` is looked for.
    """
    for path in paths:
        if not is_url(path):
            yield root / path
            yield root / f"{path.rstrip('/')}.dvc"
            yield from (root / f"{folder}.dvc" for folder in PurePosixPath(path).parents if folder.name)
            yield from (folder / LOCK for folder in (_above(root, root / path) if locks else ()))


def _above(root: Path, path: Path) -> Iterator[Path]:
    """Give the folders above a file, up to the root, that have a lock of DVC which names it or a folder of it."""
    for folder in path.parents:
        lock = folder / LOCK
        text = lock.read_text(encoding="utf-8", errors="replace") if lock.is_file() else ""
        below = path.relative_to(folder).parts
        if any(name in text for name in below if not is_pattern(name)):
            yield folder
        if folder == root:
            return


def referred(asset: DataAsset) -> Iterator[str]:
    """Give the names of the assets that `asset` refers to: every `asset:` and `other_table_name:` below its keys."""
    for key in fields(asset):
        value = getattr(asset, key.name)
        settings = value if isinstance(value, tuple) else (value,)
        yield from (each.asset for each in settings if isinstance(getattr(each, "asset", None), str))
    for entry in asset.expect:
        arguments = (each for each in entry.values() if isinstance(each, Mapping))
        yield from (each["other_table_name"] for each in arguments if isinstance(each.get("other_table_name"), str))


def of_asset(root: Path, asset: DataAsset, others: Mapping[str, DataAsset], *, locks: bool = True) -> tuple[Path, ...]:
    """Return the files that an asset is read from and compared with; `others` are the assets that it may refer to."""
    suites = (asset.suite,) if isinstance(asset.suite, str) else asset.suite
    compared = (others[name] for name in referred(asset) if name in others)
    data = (file for each in (asset, *compared) for file in _of_data(root, each, locks=locks))
    return (*data, *(root / suite for suite in suites))


def _of_data(root: Path, asset: DataAsset, *, locks: bool) -> Iterator[Path]:
    """Give the files that the data of an asset lies in, or comes from; a database on a server has none."""
    if asset.pipeline is not None:
        return
    yield from of_data(root, asset.paths, locks=locks)
    source = asset.elsewhere
    if isinstance(source, Loader):
        yield from (root / file for file in source.files)
        yield from _of_module(root, source.function.rpartition(":")[0])
    elif isinstance(source, Sql):
        scheme, _, path = source.url.partition(":///")
        yield from (root / path for _ in range(scheme in FILES and bool(path)))
    elif isinstance(source, Spark) and source.path and "://" not in source.path:
        yield root / source.path


def _of_module(root: Path, module: str) -> Iterator[Path]:
    """Give the files that a module of the project may lie in."""
    if module.endswith(".py"):
        yield root / module
        return
    for start in (root, root / "src"):
        place = start.joinpath(*module.split("."))
        yield from (place, place.with_name(f"{place.name}.py"))


def of_plugins(root: Path, modules: Iterable[str]) -> Iterator[Path]:
    """Give the files that the modules of plugins may lie in, packages by their folder."""
    for module in modules:
        if module.endswith(".py"):
            yield root / module
            continue
        for start in (root, root / "src"):
            place = start.joinpath(*module.split("."))
            yield from (place, place.with_name(f"{place.name}.py"))


def may_feed(gate: str, config: Config, root: Path, files: frozenset[Path]) -> bool:
    """Whether `files` can matter to the gate called `gate`; the gate itself looks closer."""
    if gate == "data":
        assets = (of_asset(root, asset, config.data) for asset in config.data.values())
        own = tuple(of_plugins(root, config.own.modules))
        return any(touches(files, each) for each in (own, *assets, *_of_projects(config, root)))
    if gate == "metrics":
        return touches(files, (root / file for file in config.metrics))
    return True


def index(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the paths, relative to the root, that feed each gate of which that can be told without the disk.

    What any `dvc.lock` feeds is not among them.
    """
    root = Path()
    found = {"metrics": tuple(config.metrics), **({"projects": config.projects} if config.projects else {})}
    if config.great_expectations:
        return found
    assets = (of_asset(root, asset, config.data, locks=False) for asset in config.data.values())
    files = (file for each in (of_plugins(root, config.own.modules), *assets) for file in each)
    return {**found, "data": tuple(dict.fromkeys(str(file) for file in files))}


def _of_projects(config: Config, root: Path) -> Iterator[tuple[Path, ...]]:
    """Give the files behind each validation and each note of the projects of Great Expectations."""
    if config.great_expectations:
        from mlci.data.great_expectations import plan

        found = plan(root, config.great_expectations, environ=os.environ, where=lambda *_: Where(path="mlci.yaml"))
        yield from (each.sources for each in found.validations)
        yield from (each.sources for each in found.notes)
