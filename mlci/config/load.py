"""Find and read `mlci.yaml` once, into frozen objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlci.config import cache
from mlci.config.finding import NAMES, found
from mlci.config.model import Config
from mlci.errors import UsageError, Where
from mlci.places import Key, place


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A configuration with the places of its keys."""

    path: Path
    """The file, absolute."""
    name: str
    """What messages call the file."""
    config: Config
    lines: Mapping[Key, int]

    @property
    def root(self) -> Path:
        """The folder that every path in the file is relative to."""
        return self.path.parent

    def where(self, *key: str | int) -> Where:
        """Return the place of `key`, as in `where("data", "tags", "expect", 0)`."""
        return place(self.name, self.lines, key)


def find(start: Path) -> Path:
    """Return the `mlci.yaml` of `start` or of the nearest folder above it, up to the root of the git repository.

    Raises:
        UsageError: there is none.
    """
    place = found(start)
    if place is None:
        raise UsageError(
            f"no mlci.yaml in {start} or above it",
            fix="Write one (README, 'Configuration'), or name it with --config.",
        )
    return place


def load(path: Path | None, *, start: Path, use_cache: bool = True) -> Loaded:
    """Read the configuration at `path`, or the one that `find` finds from `start`.

    A file that was checked before is taken from the user's cache folder, keyed by its content, without
    importing what reads and checks it.

    Raises:
        UsageError: there is no such file, or it is wrong; a `ConfigError` lists every mistake.
    """
    file = (find(start) if path is None else start / path).absolute()
    name = _shown(file, start)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=Where(path=name)) from error
    known = cache.get(raw) if use_cache else None
    if known is None:
        from mlci.config.check import check

        known = check(raw, name)
        if use_cache:
            cache.put(raw, *known)
    config, lines = known
    return Loaded(path=file, name=name, config=config, lines=lines)


def _shown(file: Path, start: Path) -> str:
    try:
        return file.relative_to(start).as_posix()
    except ValueError:
        return file.name if file.name in NAMES else str(file)
