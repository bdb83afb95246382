"""Bringing a baseline to this machine, so that hooks have it without the network and runs without a token."""

from __future__ import annotations

from dataclasses import replace

from mlci.baselines import bundle
from mlci.baselines.ladder import Search, climb
from mlci.baselines.stores import Writable, opened
from mlci.config.baselines import StoreName
from mlci.errors import CannotRun, UsageError

_ELSEWHERE: tuple[StoreName, ...] = ("bucket", "branch", "artifact", "mlflow")


def fetched(search: Search) -> str:
    """Look for the baseline in the stores that are elsewhere, keep a copy, and return what to say of it.

    Raises:
        CannotRun: a store could not be asked, or refused what it has.
        UsageError: the configuration names no store that is elsewhere.
    """
    settings = search.setup.settings
    names = tuple(name for name in settings.stores if name in _ELSEWHERE)
    if not names:
        raise UsageError("there is nothing to fetch: the stores of `baseline:` are on this machine")
    setup = replace(search.setup, settings=replace(settings, store=names, recompute=False))
    found = climb(replace(search, setup=setup))
    if found.error:
        raise CannotRun(f"no baseline was fetched: {found.error}")
    if found.stored is None or found.stored.commit is None:
        tried = "; ".join(f"{rung.source}: {rung.note}" for rung in found.receipt.rungs)
        return f"there is no baseline to fetch ({tried})"
    copies = opened("fetched", setup)
    if not isinstance(copies, Writable):
        raise CannotRun("there is no place for copies")
    whole = bundle.dumps(found.as_computed, project=setup.project, leg=setup.leg)
    return f"{found.receipt.source}: copied to {copies.save(whole, found.stored.commit)}"
