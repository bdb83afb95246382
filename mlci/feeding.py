"""Which files feed a gate: what a commit hook asks before anything heavy is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from mlci.config.data import DataAsset
from mlci.config.model import Config
from mlci.errors import Where


def touches(files: frozenset[Path], paths: Iterable[Path]) -> bool:
    """Whether one of `paths` (a folder counts for all below it) is among `files`, which are resolved."""
    wanted = [path.resolve() for path in paths]
    return any(file == path or path in file.parents for path in wanted for file in files)


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
    compared = (root / others[name].path for name in referred(asset) if name in others)
    return (root / asset.path, *(root / suite for suite in suites), *compared)


def may_feed(gate: str, config: Config, root: Path, files: frozenset[Path]) -> bool:
    """Whether `files` can matter to the gate called `gate`; the gate itself looks closer."""
    if gate == "data":
        assets = (of_asset(root, asset, config.data) for asset in config.data.values())
        return any(touches(files, each) for each in (*assets, *_of_projects(config, root)))
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
