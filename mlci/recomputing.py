"""Computing a baseline anew: the same gates on the files of another commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mlci import __version__
from mlci.config.load import Loaded, load
from mlci.decisions.of_run import code_of, fingerprints_of, predicted_of, trainings_of
from mlci.errors import CannotRun
from mlci.gates import Outcome

if TYPE_CHECKING:
    from mlci.baselines.model import Computed, Stored


from mlci.gates.running import outcomes_of, profiles_of
from mlci.request import Request


def recompute(request: Request, commit: str) -> Computed:
    """Run the same gates on the files of `commit`, in a work tree of its own, under the same interpreter."""
    from mlci.baselines.model import Computed

    assert request.repository  # noqa: S101 - a base commit was found in it
    top = request.repository.top.resolve()
    inside = request.loaded.root.resolve().relative_to(top)
    request.progress(f"computing the baseline at {commit[:10]}")
    with request.repository.worktree(commit) as tree:
        root = tree / inside
        there = _config_there(request.loaded, root)
        own = (root / request.loaded.path.name).is_file()
        beside = replace(request, loaded=there, out=tree.parent / "out", files=None, at_base=True)
        outcomes = outcomes_of(replace(beside, changed_there=None if request.saving else request.changed))
    stored = _stored(outcomes, commit, own=own)
    return Computed(stored=stored, predicted=predicted_of(outcomes), code=code_of(outcomes))


def _config_there(loaded: Loaded, root: Path) -> Loaded:
    """Return the base's own configuration, or, where it has none yet, the change's."""
    from mlci.baselines.model import NoBaselineError

    there = root / loaded.path.name
    if there.is_file():
        return load(there, start=root)
    if not root.is_dir():
        raise NoBaselineError(f"the base has no folder {root.name}")
    return replace(loaded, path=there)


def _stored(outcomes: Sequence[Outcome], commit: str, *, own: bool) -> Stored:
    """Return what was computed; where the base has no configuration of its own, nothing may be there yet."""
    from mlci.baselines.model import SCHEMA as STORE_SCHEMA
    from mlci.baselines.model import NoBaselineError, Stored

    metrics = tuple(metric for outcome in outcomes for metric in outcome.metrics)
    if not metrics and not (own and all(outcome.gate.status != "errored" for outcome in outcomes)):
        reason = next((outcome.gate.reason for outcome in outcomes if outcome.gate.reason), "the gates gave none")
        raise (CannotRun if own else NoBaselineError)(f"no number could be computed at the base: {reason}")
    return Stored(
        schema=STORE_SCHEMA,
        mlci=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        metrics=metrics,
        fingerprints=fingerprints_of(outcomes),
        profiles=profiles_of(outcomes),
        trainings=trainings_of(outcomes),
    )
