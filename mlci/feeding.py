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
from mlci.locations import is_pattern, is_url, matches


def touches(files: frozenset[Path], paths: Iterable[Path]) -> bool:
    """Whether one of `paths` (a folder counts for all below it, a pattern for all that match) is among `files`.

    `files` are resolved; they need not be there any more.
    """
    wanted = [path.resolve() for path in paths]
    return any(_is_meant(path, file) for path in wanted for file in files)


def _is_meant(path: Path, file: Path) -> bool:
    return file == path or path in file.parents or (is_pattern(path.as_posix()) and matches(path, file))


def of_data(root: Path, paths: Iterable[str]) -> Iterator[Path]:
    """Give the files behind the paths and patterns of an asset, and DVC's that stand for them; URLs have none."""
    for path in paths:
        if not is_url(path):
            yield root / path
            yield root / f"{path.rstrip('/')}.dvc"
            yield from (root / f"{folder}.dvc" for folder in PurePosixPath(path).parents if folder.name)
            yield from (folder / "dvc.lock" for folder in _above(root, root / path))


def _above(root: Path, path: Path) -> Iterator[Path]:
    """Give the folders above a file, up to the root, that have a lock of DVC which names it or a folder of it."""
    for folder in path.parents:
        lock = folder / "dvc.lock"
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


def of_asset(root: Path, asset: DataAsset, others: Mapping[str, DataAsset]) -> tuple[Path, ...]:
    """Return the files that an asset is read from and compared with; `others` are the assets that it may refer to."""
    suites = (asset.suite,) if isinstance(asset.suite, str) else asset.suite
    compared = (file for name in referred(asset) if name in others for file in _of_asset_data(root, others[name]))
    return (*_of_asset_data(root, asset), *(root / suite for suite in suites), *compared)


def _of_asset_data(root: Path, asset: DataAsset) -> Iterator[Path]:
    """Give the files that the data of an asset lies in, or comes from; a database on a server has none."""
    yield from of_data(root, asset.paths)
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


def _of_projects(config: Config, root: Path) -> Iterator[tuple[Path, ...]]:
    """Give the files behind each validation and each note of the projects of Great Expectations."""
    if config.great_expectations:
        from mlci.data.great_expectations import plan

        found = plan(root, config.great_expectations, environ=os.environ, where=lambda *_: Where(path="mlci.yaml"))
        yield from (each.sources for each in found.validations)
        yield from (each.sources for each in found.notes)
