"""The data diff: how the file of an asset differs from the commit that the run is compared with."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.baselines.base import Base
from mlci.config.diff import Diff
from mlci.data.diff.limits import judged, unjudged, unmoved
from mlci.data.diff.versions import Version, Versions
from mlci.errors import CannotRun, MlciError
from mlci.gates import Context
from mlci.locations import is_url
from mlci.results.model import Check, DataChange

if TYPE_CHECKING:
    from mlci.data.assets import Asset
    from mlci.data.batch import Batch
    from mlci.data.diff.rows import KeyProblem, RowDiff
    from mlci.data.diff.tables import Pair, Tables
    from mlci.data.sources.engine import Engine

_MEGABYTE = 1_000_000

Looked = tuple[DataChange | None, list[Check]]
"""How the data differs, where there is anything to say of it, and the checks of its limits."""


@dataclass(frozen=True, kw_only=True)
class Diffs:
    """The data diff of one run: what all assets share is asked of git once."""

    context: Context
    connect: Callable[[], Engine]
    """Gives the engines that versions are read and compared in."""
    _found: dict[Path, Version] = field(default_factory=dict)

    @cached_property
    def _base(self) -> Base:
        return self.context.find_base()

    @cached_property
    def _versions(self) -> Versions | None:
        if self.context.repository is None or self._base.commit is None:
            return None
        return Versions(repository=self.context.repository, commit=self._base.commit)

    def _version(self, versions: Versions, path: Path) -> Version:
        if path not in self._found:
            self._found[path] = versions.of(path)
        return self._found[path]

    def compares(self, asset: Asset) -> bool:
        """Whether the base has another version of the data of `asset`, so that all of its columns are looked at.

        Raises:
            UsageError: the commit asked for is none.
        """
        if asset.asset.diff is False or asset.asset.pipeline or self.context.at_base or self._versions is None:
            return False
        if not asset.path.is_file():
            return False
        try:
            return self._version(self._versions, asset.path).status == "other"
        except (MlciError, OSError):
            return False

    def of(self, asset: Asset, batch: Batch) -> Looked:
        """Return how the data of `asset` differs from the base's, and what became of the limits on that.

        `batch` is the data, read as a whole where `compares` says so. What cannot be compared is said, and an error
        only where a limit asks for the comparison.

        Raises:
            UsageError: the commit asked for is none.
        """
        settings = asset.asset.diff
        if settings is False or self.context.at_base:
            return None, []
        settings = Diff() if settings is True else settings
        if self._versions is None:
            change, checks = _not_compared(asset, settings, self._base.note, broken=self._base.broken)
            return change if self._base.broken else None, checks
        if asset.asset.pipeline:
            return None, list(unjudged(asset, settings, "what a pipeline writes is in no commit"))
        if asset.asset.elsewhere or asset.asset.format == "images" or any(map(is_url, asset.asset.paths)):
            return None, list(unjudged(asset, settings, "only files with rows are compared"))
        try:
            if len(asset.asset.paths) != 1 or not asset.path.is_file():
                return self._several(asset, settings, self._versions)
            version = self._version(self._versions, asset.path)
            if version.status == "same":
                return None, list(unmoved(asset, settings, self._versions.commit))
            change, checks = self._compared(asset, settings, version, batch)
            return change and replace(change, base=self._versions.commit), checks
        except (MlciError, OSError) as error:
            return _not_compared(asset, settings, str(error), broken=True)

    def _several(self, asset: Asset, settings: Diff, versions: Versions) -> Looked:
        """Compare all rows of a pattern, a folder or a list with all rows that the files of the base had."""
        from mlci.data.assets import reading_of
        from mlci.data.diff.several import restore, same, several, size
        from mlci.data.sources import open_data, reading_at
        from mlci.data.sources.parts import parts_of

        reading = reading_of(asset, (), whole=True)
        now = [Path(part.location) for part in parts_of(reading)]
        files = several(versions, asset.context.root, asset.asset.paths, now)
        if isinstance(files, str):
            return _not_compared(asset, settings, files)
        if same(versions, files):
            return None, list(unmoved(asset, settings, versions.commit))
        if not files.before:
            return _not_compared(asset, settings, "new: the base does not have its files")
        if size(versions, files) > settings.max_size_mb * _MEGABYTE:
            return _not_compared(asset, settings, _too_large(settings), broken=True)
        with tempfile.TemporaryDirectory(prefix="mlci-before-") as folder:
            lost = restore(versions, files, Path(folder))
            if lost is not None:
                return _not_compared(asset, settings, lost, broken=True)
            before = reading_at(Path(folder), files.kept)
            batch = open_data(replace(reading, file_column=None), self.connect)
            try:
                change, problem = compare(asset, before.path, batch, settings, self.connect, sources=before.sources)
            finally:
                batch.close()
        return replace(change, base=versions.commit), list(judged(asset, settings, change, problem))

    def _compared(self, asset: Asset, settings: Diff, version: Version, batch: Batch) -> Looked:
        if version.status == "outside":
            return None, list(unjudged(asset, settings, "git does not have the file, and no pointer of DVC names it"))
        if version.status in {"new", "lost"}:
            return _not_compared(asset, settings, version.note or "", broken=version.status == "lost")
        assert self._versions  # noqa: S101 - it gave the version
        with tempfile.TemporaryDirectory(prefix="mlci-before-") as folder:
            before = _fetched(self._versions, version, Path(folder) / asset.path.name, settings)
            if isinstance(before, str):
                return _not_compared(asset, settings, before, broken=True)
            if max(before.stat().st_size, asset.path.stat().st_size) > settings.max_size_mb * _MEGABYTE:
                return _not_compared(asset, settings, _too_large(settings), broken=True)
            change, problem = compare(asset, before, batch, settings, self.connect)
        note = "; ".join(part for part in (version.note, change.note) if part)
        return replace(change, note=note or None), list(judged(asset, settings, change, problem))


def _fetched(versions: Versions, version: Version, place: Path, settings: Diff) -> Path | str:
    """Return a file at `place` with the content at the base, or why there is none."""
    if version.path is not None:
        place.symlink_to(version.path.resolve())
        return place
    assert version.blob  # noqa: S101 - a version that is another has one of the two
    if version.size > settings.max_size_mb * _MEGABYTE:
        return _too_large(settings)
    if not versions.repository.save(version.blob, place):
        return "the base's data is not in this clone"
    return place


def _too_large(settings: Diff) -> str:
    return f"larger than the {settings.max_size_mb:g} MB that are compared; `diff: {{max-size-mb: …}}` raises that"


def _not_compared(asset: Asset, settings: Diff, note: str, *, broken: bool = False) -> Looked:
    change = DataChange(asset=asset.name, path=asset.asset.shown, compared=False, note=note)
    return change, list(unjudged(asset, settings, note, broken=broken))


def compare(
    asset: Asset,
    before: Path,
    now: Batch,
    settings: Diff,
    connect: Callable[[], Engine],
    *,
    sources: tuple[str, ...] = (),
) -> tuple[DataChange, KeyProblem | None]:
    """Return how the data of `asset`, which is `now`, differs from the file `before`, and what is wrong with its key.

    With `sources` (patterns, folders and files), `before` is the folder that these are relative to.

    Raises:
        MlciError: one of the two cannot be read.
    """
    from mlci.data.assets import reading_of
    from mlci.data.diff.tables import side_by_side
    from mlci.data.sources import open_data

    reading = replace(reading_of(asset, (), whole=True), file_column=None)
    old = replace(reading, path=before, sources=sources, name=f"{reading.name} at the base")
    was = open_data(old, connect)
    try:
        added = () if asset.asset.file_column is None else (asset.asset.file_column,)
        with side_by_side(was, now, (*settings.ignore, *added), connect) as tables:
            return _change(asset, tables)
    except MlciError:
        raise
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CannotRun(f"the two versions could not be compared: {said}") from error
    finally:
        was.close()


def _change(asset: Asset, tables: Tables) -> tuple[DataChange, KeyProblem | None]:
    from mlci.data.diff.rows import by_key, by_whole_rows, key_problem, renamed
    from mlci.data.diff.shift import shifts
    from mlci.results.model import TypeChange

    shown = asset.context.config.show_values
    key = asset.asset.key_columns
    problem = key_problem(tables, key) if key else None
    matched = bool(key) and problem is None
    rows = by_key(tables, key, examples=shown) if matched else by_whole_rows(tables)
    change = DataChange(
        asset=asset.name,
        path=asset.asset.shown,
        note=f"{problem.says}: whole rows were counted" if problem else None,
        key=key if matched else (),
        rows=tables.rows,
        added=rows.added,
        removed=rows.removed,
        changed=rows.changed,
        columns_added=tables.added,
        columns_removed=tables.removed,
        columns_renamed=renamed(tables),
        types=tuple(TypeChange(column=p.name, before=p.before, now=p.now) for p in tables.pairs if p.retyped),
        changed_by_column=rows.by_column,
        shifts=shifts(tables, _touched(tables, rows, key), show_values=shown),
        examples=rows.examples,
    )
    return change, problem


def _touched(tables: Tables, rows: RowDiff, key: Sequence[str]) -> tuple[Pair, ...]:
    """Return the columns whose values can be distributed otherwise than before; how a key moves says nothing."""
    if rows.added or rows.removed:
        return tuple(pair for pair in tables.pairs if pair.name not in key)
    return tuple(pair for pair in tables.pairs if pair.name in rows.by_column)
