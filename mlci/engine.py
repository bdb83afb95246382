"""One run: the gates in order, the comparison with the baseline, and the results."""

from __future__ import annotations

import importlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlci import __version__, git
from mlci.baselines.base import Base
from mlci.baselines.base import find as find_base
from mlci.ci import origin_of
from mlci.config.load import Loaded, load
from mlci.decisions.of_run import Decided, code_of, decided_of, fingerprints_of, predicted_of, trainings_of
from mlci.errors import CannotRun, MlciError, UsageError
from mlci.gates import Context, Outcome
from mlci.results.model import (
    GATES,
    SCHEMA,
    USAGE_MARK,
    Check,
    Gate,
    GateName,
    Results,
    verdict_of,
)
from mlci.results.posting import Posting
from mlci.results.profile import Profile
from mlci.rules.in_force import rules_of

if TYPE_CHECKING:
    from mlci.baselines.ladder import Search
    from mlci.baselines.model import Computed, Found, Stored
    from mlci.baselines.stores import Setup
    from mlci.changed.files import Changed
    from mlci.code.record import CodeRecord
    from mlci.interpreter import Interpreter
    from mlci.model.paired import Predicted


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

        return climb(self._search())

    @cached_property
    def anchor(self) -> Found | None:
        """The baseline of the pinned release; None where none is pinned, or at the base itself."""
        settings = self.loaded.config.baseline
        if settings is None or settings.anchor is None or self.at_base:
            return None
        from mlci.baselines.anchor import find_anchor

        return find_anchor(self._search(), settings.anchor)

    @cached_property
    def history(self) -> tuple[Stored, ...]:
        """What was stored at the base and before it, the newest first; nothing in a run of a part."""
        if self.loaded.config.baseline is None or self.files is not None or self.at_base:
            return ()
        from mlci.baselines.history import runs_before

        return runs_before(setup_of(self), self.baseline)

    def _search(self) -> Search:
        from mlci.baselines.ladder import Search

        return Search(setup=setup_of(self), recompute=self._computed)

    def _computed(self, commit: str) -> Computed:
        """Run the gates at `commit`, once: the base and the anchor may be the same."""
        if commit not in self._known:
            self._known[commit] = _recompute(self, commit)
        return self._known[commit]

    @cached_property
    def _known(self) -> dict[str, Computed]:
        return {}


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
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a run found, with what its models said, which is in no report."""

    results: Results
    predicted: Mapping[str, Predicted]
    code: CodeRecord | None = None


def run(request: Request) -> Results:
    """Run the gates, compare, and return the results; see `run_and_keep`."""
    return run_and_keep(request).results


def run_and_keep(request: Request) -> Ran:
    """Run the gates, compare, and return the results and what models said.

    Raises:
        UsageError: the configuration or the request is wrong. What a gate could not do is in the results.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    rules = rules_of(request)
    if rules.loaded is not request.loaded:
        request = replace(request, loaded=rules.loaded, known_base=request.base_commit)
    outcomes = [*([rules.outcome] if rules.outcome else []), *_outcomes(request)]
    results = sum_up(request, outcomes, started=started, clock=clock, decided=decided_of(request, outcomes))
    results = replace(results, rule_changes=rules.changes)
    return Ran(results=results, predicted=predicted_of(outcomes), code=code_of(outcomes))


def measure(request: Request) -> list[Outcome]:
    """Run the gates and return what each gave, compared with nothing."""
    return _outcomes(request)


def sum_up(
    request: Request, outcomes: Sequence[Outcome], *, started: datetime, clock: float, decided: Decided
) -> Results:
    """Return the results of gates that ended; `started` and `clock` (of `time.monotonic`) are when they began."""
    statuses = [*(outcome.gate.status for outcome in outcomes), *decided.statuses]
    publish = request.loaded.config.publish
    return Results(
        schema=SCHEMA,
        mlci=__version__,
        project=request.loaded.config.project or request.loaded.root.name,
        started=started.isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - clock, 3),
        verdict=verdict_of(statuses),
        commit=request.repository.commit("HEAD") if request.repository else None,
        base=decided.base,
        origin=origin_of(
            request.environ, folder=request.repository.folder(request.loaded.root) if request.repository else ""
        ),
        gates=tuple(outcome.gate for outcome in outcomes),
        metrics=tuple(metric for outcome in outcomes for metric in outcome.metrics),
        comparison=decided.comparison,
        baseline=decided.receipt,
        anchor=decided.anchor,
        waivers=decided.waivers,
        history=decided.history,
        fingerprints=fingerprints_of(outcomes),
        profiles=_profiles(outcomes),
        trainings=trainings_of(outcomes),
        show_values=request.loaded.config.show_values,
        posting=Posting(**asdict(publish)) if publish else Posting(),
        cell=request.leg,
    )


def _profiles(outcomes: Sequence[Outcome]) -> dict[str, Profile]:
    return {key: value for outcome in outcomes for key, value in outcome.profiles.items()}


def _outcomes(request: Request) -> list[Outcome]:
    config = request.loaded.config
    wanted = request.gates or tuple(gate for gate in GATES if config.names(gate))
    context = context_of(request)
    try:
        return [_outcome(name, context) for name in GATES if name in wanted]
    finally:
        context.end_pipelines()


def context_of(request: Request) -> Context:
    """Return what the gates of a run are given."""
    return Context(
        root=request.loaded.root,
        config=request.loaded.config,
        where=request.loaded.where,
        find_python=request.find_python,
        out=request.out,
        files=request.files,
        repository=request.repository,
        find_base=lambda: request.base_commit,
        find_baseline=lambda: request.baseline,
        find_changed=lambda: request.changed,
        now=request.now,
        at_base=request.at_base,
        keeps=request.saving or request.at_base or request.loaded.config.baseline is not None,
        rows=request.rows,
        gx_results=None if request.at_base else request.gx_results,
        progress=request.progress,
    )


def _outcome(name: GateName, context: Context) -> Outcome:
    """Run one gate; whatever stops it is that gate's result, and the others still run."""
    if not context.config.names(name):
        return Outcome(gate=Gate(name=name, status="skipped", reason=f"mlci.yaml has no `{name}:`"))
    clock = time.monotonic()
    try:
        left_out = context.left_out(context.config.when.get(name), name, f"the {name} gate", "when", name)
        if left_out is not None:
            return Outcome(gate=Gate(name=name, status="skipped", reason=left_out.reason, checks=(left_out,)))
        outcome: Outcome = importlib.import_module(f"mlci.gates.{name}").run(context)
    except UsageError as error:
        return _stopped(name, str(error), clock, usage=True)
    except MlciError as error:
        return _stopped(name, str(error), clock)
    except Exception as error:  # noqa: BLE001 - one gate's defect must not lose the results of the others
        return _stopped(name, f"a defect of mlci, please report it: {_last_line(error)}", clock, traceback.format_exc())
    return replace(outcome, gate=replace(outcome.gate, duration_s=round(time.monotonic() - clock, 3)))


def _stopped(name: GateName, reason: str, clock: float, details: str = "", *, usage: bool = False) -> Outcome:
    check = Check(
        id=name,
        status="errored",
        summary=f"the {name} gate could not run",
        reason=reason,
        details={**({"traceback": details} if details else {}), **({USAGE_MARK: True} if usage else {})},
    )
    duration = round(time.monotonic() - clock, 3)
    return Outcome(gate=Gate(name=name, status="errored", reason=reason, duration_s=duration, checks=(check,)))


def _last_line(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _recompute(request: Request, commit: str) -> Computed:
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
        outcomes = _outcomes(replace(beside, changed_there=None if request.saving else request.changed))
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
        profiles=_profiles(outcomes),
        trainings=trainings_of(outcomes),
    )
