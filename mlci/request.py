"""What a run is asked for, and what belongs to that: its repository, its base, its baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlci import git
from mlci.baselines.base import Base
from mlci.baselines.base import find as find_base
from mlci.config.load import Loaded
from mlci.results.model import (
    GateName,
)

if TYPE_CHECKING:
    from mlci.baselines.ladder import Search
    from mlci.baselines.model import Computed, Found, Stored
    from mlci.baselines.renaming import Renaming
    from mlci.baselines.stores import Setup
    from mlci.changed.files import Changed
    from mlci.interpreter import Interpreter


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run: the configuration, which gates (all that it names when empty), limited to which files."""

    loaded: Loaded
    out: Path
    """The report folder, for what gates leave there themselves."""
    environ: Mapping[str, str]
    find_python: Callable[[], Interpreter]
    """Finds the project's interpreter; called by what needs it."""
    gates: tuple[GateName, ...] = ()
    files: frozenset[Path] | None = None
    at_base: bool = False
    """Whether this is the run that computes a baseline."""
    saving: bool = False
    """Whether what models said is kept, to be stored as a baseline."""
    offline: bool = False
    """Whether only baselines on this machine are looked at, as in a commit hook."""
    in_hook: bool = False
    """Whether a commit waits for it: then what is only told, and judged by nothing, is left out."""
    base: str | None = None
    """The branch, tag or hash to compare with."""
    accept_rule_changes: bool = False
    """Whether loosened rules are let pass."""
    known_base: Base | None = None
    """The commit to compare with, where it was found already."""
    rows: int = 20
    """How many failing rows of each check are told."""
    leg: str | None = None
    """The leg of a matrix that this run is."""
    gx_results: Path | None = None
    """The folder for results in the shape of Great Expectations."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the run is, by what data that must be fresh is judged."""
    progress: Callable[[str], None] = lambda _line: None
    changed_there: Changed | None = None
    """At the base: what the change changes, by which conditions are judged there too."""

    @cached_property
    def changed(self) -> Changed:
        """The files that the change touches; not known where a baseline is saved, which is to be whole."""
        from mlci.changed.files import Changed, among, since

        if self.changed_there is not None:
            return self.changed_there
        if self.saving or self.at_base:
            return Changed(paths=None, told="")
        root = self.loaded.root
        return since(root, self.repository, self.base_commit) if self.files is None else among(root, self.files)

    @cached_property
    def repository(self) -> git.Repository | None:
        """The git repository of the project."""
        return git.find(self.loaded.root, self.environ)

    @cached_property
    def base_commit(self) -> Base:
        """The commit to compare with.

        Raises:
            UsageError: `base` names none.
        """
        return self.known_base or find_base(self.repository, ref=self.base, environ=self.environ)

    @cached_property
    def baseline(self) -> Found | None:
        """The baseline that the configuration asks for; None where it asks for none, or at the base itself."""
        if self.loaded.config.baseline is None or self.at_base:
            return None
        from mlci.baselines.ladder import climb

        return self._as_named_now(climb(self._search()))

    @cached_property
    def anchor(self) -> Found | None:
        """The baseline of the pinned release; None where none is pinned, or at the base itself."""
        settings = self.loaded.config.baseline
        if settings is None or settings.anchor is None or self.at_base:
            return None
        from mlci.baselines.anchor import find_anchor

        return self._as_named_now(find_anchor(self._search(), settings.anchor))

    @cached_property
    def history(self) -> tuple[Stored, ...]:
        """What was stored at the base and before it, the newest first; nothing in a run of a part."""
        if self.loaded.config.baseline is None or self.files is not None or self.at_base:
            return ()
        from mlci.baselines.history import runs_before

        runs, found = runs_before(setup_of(self), self.baseline), self.baseline
        return tuple(map(self._renaming(found).stored, runs)) if found else runs

    def _as_named_now(self, found: Found) -> Found:
        """Return a baseline under the names that its models, files and assets have by now."""
        return self._renaming(found).found(found)

    def _renaming(self, found: Found) -> Renaming:
        """Return what a baseline's names are now: as git follows them from its own commit, or from the base."""
        from mlci.baselines.renaming import Renaming

        if found.stored is None:
            return Renaming({})
        own = self._names_since(found.stored.commit)
        return Renaming({**own, **self._names_since(self.base_commit.commit), **_changed(own)})

    def _names_since(self, commit: str | None) -> Mapping[str, str]:
        if self.repository is None or commit is None:
            return {}
        if commit not in self._names:
            from mlci.rules.naming import names_since

            self._names[commit] = names_since(self.loaded, self.repository, commit)
        return self._names[commit]

    @cached_property
    def _names(self) -> dict[str, Mapping[str, str]]:
        return {}

    def _search(self) -> Search:
        from mlci.baselines.ladder import Search

        return Search(setup=setup_of(self), recompute=self._computed)

    def _computed(self, commit: str) -> Computed:
        """Run the gates at `commit`, once: the base and the anchor may be the same."""
        if commit not in self._known:
            from mlci.recomputing import recompute

            self._known[commit] = recompute(self, commit)
        return self._known[commit]

    @cached_property
    def _known(self) -> dict[str, Computed]:
        return {}


def _changed(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for old, new in names.items() if old != new}


def setup_of(request: Request) -> Setup:
    """Return what the stores of a run are given."""
    from mlci.baselines.stores import Setup
    from mlci.config.baselines import Baseline

    config = request.loaded.config
    return Setup(
        config=config,
        settings=config.baseline or Baseline(),
        repository=request.repository,
        root=request.loaded.root,
        environ=request.environ,
        base=request.base_commit,
        offline=request.offline,
        leg=request.leg,
        progress=request.progress,
        where=request.loaded.where,
    )
