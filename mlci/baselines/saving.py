"""Saving what a run found: aggregates to the file store, and bundles with predictions to the others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlci.baselines import bundle, file
from mlci.baselines.archive import MOST_BYTES
from mlci.baselines.model import Computed
from mlci.baselines.past import stored_until
from mlci.baselines.stores import Setup, Writable, opened
from mlci.config.baselines import Baseline
from mlci.engine import Ran, run_and_keep
from mlci.errors import PASSED, CannotRun, MlciError, UsageError, Where
from mlci.numbers import count
from mlci.request import Request, setup_of
from mlci.results.model import Results

_READ_ONLY = ("mlflow", "dvc")
_NOT_OF_THE_BRANCH = ("pull_request", "pull_request_target", "merge_group")


@dataclass(frozen=True, kw_only=True, slots=True)
class Saving:
    """What is to be saved, and where."""

    results: Path | None = None
    """Results of a run, in place of one now: numbers alone."""
    bundle: Path | None = None
    """A bundle that was written before, in place of a run."""
    out: Path | None = None
    """A folder that the bundle is written to, in place of a store."""
    store: str | None = None
    """The one store to save to."""
    dirty: bool = False
    """Whether tracked files may differ from the commit."""
    new_level: bool = False
    """Whether runs before it say nothing of those after."""


def save(saving: Saving, request: Request) -> Iterator[str]:
    """Save a run and give a line for each place.

    Raises:
        MlciError: the run is not fit for a baseline, or a store cannot be written.
    """
    setup = _setup(request)
    names = _stores(saving, setup.settings)
    for_bundles = [name for name in names if name != "file"]
    if for_bundles or saving.out:
        _refuse_change(setup, dirty=saving.dirty or bool(saving.bundle or saving.results))
    computed = _computed(saving, request, setup)
    if saving.bundle is None and (for_bundles or saving.out):
        computed = replace(computed, history=stored_until(setup))
    if saving.out:
        yield _write(saving.out, computed, setup)
        return
    for name in names:
        yield _to_file(setup, computed) if name == "file" else _to_store(name, setup, computed)
    if request.loaded.config.baseline is None:
        yield "mlci.yaml has no `baseline:` yet; add `baseline: {store: file}` to compare with it."


def run_and_save(request: Request, out: Path) -> Results:
    """Run the gates, compare, and write the bundle of a run that passed to the folder `out`; return the results.

    Why nothing was written is told as progress, since the results stand without it.
    """
    from mlci.results.model import exit_code

    ran = run_and_keep(replace(request, saving=True))
    try:
        setup = _setup(request)
        _refuse_change(setup, dirty=False)
        if exit_code(ran.results) != PASSED:
            raise CannotRun("no baseline was kept: the run did not pass")
        _refuse_unfit(ran.results)
        request.progress(_write(out, replace(_computed_by(ran), history=stored_until(setup)), setup))
    except MlciError as error:
        request.progress(str(error))
    return ran.results


def _computed_by(ran: Ran, *, new_level: bool = False) -> Computed:
    stored = file.of(ran.results, new_level=new_level)
    return Computed(stored=stored, predicted=ran.predicted, code=ran.code)


def _setup(request: Request) -> Setup:
    alone = replace(request, base="HEAD" if request.repository and request.repository.commit("HEAD") else None)
    return setup_of(alone)


def _stores(saving: Saving, settings: Baseline) -> list[str]:
    if saving.out:
        return []
    known = [name for name in settings.stores if name not in _READ_ONLY and name != "artifact"]
    if saving.store == "artifact" or (not known and saving.store is None and "artifact" in settings.stores):
        fix = "`mlci baseline save --out DIR` writes what actions/upload-artifact uploads."
        raise UsageError("an artifact is uploaded by the workflow", fix=fix)
    if saving.store is not None:
        if saving.store not in settings.stores:
            raise UsageError(f"`baseline:` does not name the store {saving.store}")
        return [saving.store]
    if not known:
        raise UsageError(f"the store {settings.stores[0]} is only read", fix="Its own tool writes it.")
    return list(known)


def _refuse_change(setup: Setup, *, dirty: bool) -> None:
    event = setup.environ.get("GITHUB_EVENT_NAME")
    if event in _NOT_OF_THE_BRANCH:
        raise UsageError(f"a baseline is saved by pushes to the base branch alone, not in {event}")
    if setup.repository is None or setup.repository.commit("HEAD") is None:
        raise CannotRun("nothing was saved: such a store keeps a baseline of each commit, and there is none")
    if setup.repository.is_dirty() and not dirty:
        raise CannotRun(
            "nothing was saved: tracked files differ from the commit that it would be the baseline of",
            fix="Commit them first, or say --dirty.",
        )


def _computed(saving: Saving, request: Request, setup: Setup) -> Computed:
    if saving.bundle is not None:
        return bundle.loads(_bytes(saving.bundle), bundle.Expected(project=setup.project, leg=setup.leg))
    if saving.results is not None:
        from mlci.results.files import read

        results = read(saving.results)
        _refuse_unfit(results)
        return Computed(stored=file.of(results, new_level=saving.new_level))
    alone = replace(request.loaded, config=replace(request.loaded.config, baseline=None))  # nothing is compared
    with tempfile.TemporaryDirectory(prefix="mlci-baseline-") as folder:  # reports of a run are left as they are
        ran = run_and_keep(replace(request, loaded=alone, out=Path(folder), saving=True))
    _refuse_unfit(ran.results)
    return _computed_by(ran, new_level=saving.new_level)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as opened_file:
            return opened_file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=Where(path=str(path))) from error


def _refuse_unfit(results: Results) -> None:
    blocking = [gate for gate in results.gates if gate.status in ("failed", "errored")]
    if blocking:
        gate = blocking[0]
        raise CannotRun(f"nothing was saved: the {gate.name} gate {gate.status}: {gate.reason}", fix="Mend it first.")
    if not results.metrics:
        raise UsageError("nothing was saved: the run computed no number")


def _write(out: Path, computed: Computed, setup: Setup) -> str:
    path = out / bundle.NAME
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bundle.dumps(computed, project=setup.project, leg=setup.leg))
    except OSError as error:
        raise CannotRun(f"the baseline cannot be written to {path}: {error.strerror}") from error
    return f"{path}: {_told(computed)} saved."


def _to_file(setup: Setup, computed: Computed) -> str:
    path = setup.root / setup.settings.path
    try:
        file.write(path, computed.stored, computed.code)
    except OSError as error:
        raise CannotRun(f"the baseline cannot be written to {path}: {error.strerror}") from error
    stored = computed.stored
    kept = f" and {count(len(stored.profiles), 'profile')}" if stored.profiles else ""
    return f"{setup.settings.path}: {count(len(stored.metrics), 'number')}{kept} saved. Commit it."


def _to_store(name: str, setup: Setup, computed: Computed) -> str:
    store, commit = opened(name, setup), computed.stored.commit
    if not isinstance(store, Writable):
        raise UsageError(f"the store {name} is only read")
    if commit is None:
        raise CannotRun("nothing was saved: it is not known of which commit the numbers are")
    where = store.save(bundle.dumps(computed, project=setup.project, leg=setup.leg), commit)
    return f"{where}: {_told(computed)} of commit {commit[:10]} saved."


def _told(computed: Computed) -> str:
    examples = sum(len(next(iter(said.columns.values()), ())) for said in computed.predicted.values())
    kept = f" and predictions of {count(examples, 'example')}" if examples else ""
    return f"{count(len(computed.stored.metrics), 'number')}{kept}"
