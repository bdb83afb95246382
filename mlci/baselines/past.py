"""The runs that were stored before a commit, which its own baseline keeps the numbers of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

from mlci.baselines import bundle
from mlci.baselines.base import Base
from mlci.baselines.ladder import Search, climb
from mlci.baselines.model import Stored
from mlci.baselines.stores import Setup, opened
from mlci.baselines.stores.shelf import Shelf
from mlci.errors import CannotRun, MlciError

_WITHOUT = ("file", "mlflow", "dvc")
_MOST_READ = 5


def stored_until(setup: Setup) -> tuple[Stored, ...]:
    """Return the runs stored before the base of `setup`, the newest first; none where no store can be asked.

    Those are the nearest before it and what that one keeps. A run that was saved while that one was, and so is not
    among them, is read from the store itself.
    """
    stores = tuple(name for name in setup.settings.stores if name not in _WITHOUT)
    before = setup.candidates[1:]
    if not stores or not before:
        return ()
    settings = replace(setup.settings, store=stores, recompute=False)
    alone = replace(setup, settings=settings, base=Base(commit=before[0], note="the commit before"))
    found = climb(Search(setup=alone, recompute=_never))
    if found.error:
        setup.progress(f"the runs before are not known: {found.error}")
    if found.stored is None:
        return ()
    kept = {run.commit: run for run in reversed((found.stored, *found.history))}
    kept |= {run.commit: run for run in _beside(alone, before[: bundle.MOST_PAST], set(kept))}
    ordered = [commit for commit in before if commit in kept]
    older = [run.commit for run in found.history if run.commit not in ordered]
    return tuple(kept[commit] for commit in (*ordered, *older))[: bundle.MOST_PAST]


def _beside(setup: Setup, commits: tuple[str, ...], known: set[str | None]) -> Iterator[Stored]:
    """Yield the runs of `commits` that a store has and that are not `known`."""
    for name in setup.settings.stores:
        try:
            store = opened(name, setup)
            if not isinstance(store, Shelf):
                continue
            stored = set(store.commits())
        except MlciError:  # it was said when it was looked at
            continue
        for commit in [one for one in commits if one in stored and one not in known][:_MOST_READ]:
            try:
                expected = bundle.Expected(project=setup.project, leg=setup.leg, commit=commit)
                yield bundle.loads(store.read(commit), expected).stored
            except MlciError as error:
                setup.progress(f"the run at {commit[:10]} is left out: {error}")


def _never(commit: str) -> NoReturn:
    raise CannotRun(f"nothing is computed at {commit[:10]} to be saved")
