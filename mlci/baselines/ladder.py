"""Look for a baseline, rung by rung, and keep the receipt of the search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlci.baselines.model import Computed, Found, NoBaselineError, Stored
from mlci.baselines.stores import Setup, Tried, opened
from mlci.errors import MlciError
from mlci.results.model import Receipt, Rung

_OFFLINE = "not looked at without the network, as in a commit hook; `mlci baseline fetch` brings a copy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Where to look."""

    setup: Setup
    recompute: Callable[[str], Computed]
    """Runs the gates at a commit; used on the last rung, where the settings ask for it."""


def climb(search: Search) -> Found:
    """Return the first baseline found, with every rung that was tried."""
    rungs: list[Rung] = []
    for rung, found in _rungs(search):
        rungs.append(rung)
        if found:
            receipt = _receipt(search.setup, rungs, found.stored)
            return Found(
                stored=found.stored,
                receipt=receipt,
                predicted=found.predicted,
                history=found.history,
                code=found.code,
            )
    broken = [f"{rung.source}: {rung.note}" for rung in rungs if rung.broken]
    base = search.setup.base
    error = base.note if base.broken else "; ".join(broken) or None
    return Found(stored=None, receipt=Receipt(rungs=tuple(rungs)), error=error)


def _rungs(search: Search) -> Iterator[Tried]:
    setup = search.setup
    names = setup.settings.stores
    if setup.repository is not None and setup.base.commit is None:
        places = (setup.settings.path if name == "file" else name for name in names)
        yield Rung(source=f"{', '.join(places)} at the merge-base", found=False, note=setup.base.note), None
        return
    remote = False
    for name in names:
        try:
            store = opened(name, setup)
        except MlciError as error:
            yield Rung(source=name, found=False, note=error.says, broken=True), None
            continue
        remote = remote or not store.local
        if setup.offline and not store.local:
            yield Rung(source=name, found=False, note=_OFFLINE), None
        else:
            yield from store.look()
    if remote:
        yield from opened("fetched", setup).look()
    if setup.settings.recompute and setup.base.commit is not None:
        yield _recomputed(search, setup.base.commit)


def _recomputed(search: Search, commit: str) -> Tried:
    source = f"the gates run at {commit[:10]} ({search.setup.base.note})"
    try:
        return Rung(source=source, found=True), search.recompute(commit)
    except NoBaselineError as error:
        return Rung(source=source, found=False, note=str(error)), None
    except MlciError as error:
        return Rung(source=source, found=False, note=str(error), broken=True), None


def _receipt(setup: Setup, rungs: list[Rung], stored: Stored) -> Receipt:
    behind = None
    if setup.repository and setup.base.commit and stored.commit:
        behind = setup.repository.count_between(stored.commit, setup.base.commit)
    return Receipt(
        rungs=tuple(rungs),
        source=rungs[-1].source,
        commit=stored.commit,
        created=stored.created,
        commits_behind=behind,
    )
