"""Where baselines are kept: a module for each kind, each with `opened(setup)` that gives a `Store`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from mlci.baselines.base import Base
from mlci.baselines.model import Computed
from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.errors import CannotRun, Where
from mlci.git import Repository
from mlci.results.model import Rung

Tried = tuple[Rung, Computed | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What every store is given."""

    config: Config
    settings: Baseline
    repository: Repository | None
    """The git repository; None outside one."""
    root: Path
    """The folder of `mlci.yaml`."""
    environ: Mapping[str, str]
    """Where a store finds its credentials; what it finds reaches neither the worker nor a message."""
    base: Base
    """The commit that a run is compared with."""
    leg: str | None = None
    """The leg of a matrix that the run is, which has baselines of its own."""
    offline: bool = False
    """Whether nothing but this machine is asked, as in a commit hook."""
    progress: Callable[[str], None] = lambda _line: None
    where: Callable[..., Where] = lambda *_key: Where(path="mlci.yaml")
    """Gives the place of a key of the configuration."""

    @property
    def project(self) -> str:
        """What baselines of this configuration are kept under: its name, or else its folder in the repository."""
        if self.config.project or self.repository is None:
            return self.config.project or self.root.resolve().name
        try:
            return self.root.resolve().relative_to(self.repository.top.resolve()).as_posix()
        except ValueError:
            return self.root.resolve().name

    @property
    def is_part(self) -> bool:
        """Whether the project is one of several of its repository: it lies below the top of it."""
        return self.repository is not None and self.root.resolve() != self.repository.top.resolve()

    @property
    def pinned(self) -> str | None:
        """The commit of the anchor, whose baseline is never removed; None where no commit is pinned."""
        name = self.settings.anchor
        return None if name is None or self.repository is None else self.repository.commit(name)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The base and the commits before it by first parents, nearest first."""
        if self.repository is None or self.base.commit is None:
            return ()
        most = f"--max-count={self.settings.ancestors}"
        found = self.repository.ask("rev-list", "--first-parent", most, self.base.commit)
        return tuple((found or "").split())


class Store(Protocol):
    """A place that baselines are read from."""

    local: bool
    """Whether it is on this machine: commit hooks look at no other."""

    def look(self) -> Iterator[Tried]:
        """Give every place tried, with what was found there."""


@runtime_checkable
class Writable(Protocol):
    """A store that `mlci baseline save` writes bundles to."""

    def save(self, data: bytes, commit: str) -> str:
        """Keep the bundle of a commit and remove the oldest beyond `keep`; return where it is, for a message.

        Raises:
            CannotRun: it could not be written.
            UsageError: the configuration names a place that is somebody else's.
        """


class NotHereError(CannotRun):
    """There is nothing that could be asked, as outside of GitHub Actions: no error, only nothing found."""


def opened(name: str, setup: Setup) -> Store:
    """Return the store called `name`; raise `CannotRun` where what it needs is not installed."""
    store: Store = importlib.import_module(f"{__name__}.{name}").opened(setup)
    return store
