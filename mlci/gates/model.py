"""The model gate: metrics with limits, slices, and behaviour suites."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

from mlci.errors import CannotRun
from mlci.gates import Context, Outcome, gate_of, plugin_problems
from mlci.metrics.scorer import INSTALL
from mlci.model.check import check_model, feeds
from mlci.model.subject import Subject, Tally
from mlci.model.suites import read_suites
from mlci.results.model import Gate

DOCUMENTS = frozenset({".gif", ".jpeg", ".jpg", ".md", ".png", ".rst", ".svg"})
"""Files that change nothing that a model does, unless it is evaluated on them."""


def run(context: Context) -> Outcome:
    """Check every model that the run is about; raise `UsageError` for mistakes in a behaviour suite."""
    started = time.monotonic()
    tally = Tally()
    try:
        for name, model in context.config.model.items():
            _look(Subject(name=name, model=model, context=context), tally)
        tally.checks[:0] = plugin_problems("model", context) if tally.checks else ()
    finally:
        context.end_plugins()
    if not tally.checks:
        reason = "none of the changed files feeds a model" if context.files is not None else "nothing is checked"
        return Outcome(gate=Gate(name="model", status="skipped", reason=reason))
    gate = gate_of("model", tuple(tally.checks), duration_s=time.monotonic() - started)
    return Outcome(
        gate=gate,
        metrics=tuple(tally.metrics),
        fingerprints=tally.fingerprints,
        profiles=tally.profiles,
        predicted=tally.predicted,
        trainings=tally.trainings,
    )


def _look(subject: Subject, tally: Tally) -> None:
    name = subject.name
    left_out = subject.context.left_out(subject.model.when, f"model.{name}", f"the model {name}", "model", name, "when")
    if left_out is not None:
        tally.checks.append(left_out)
        return
    suites = read_suites(subject)
    if may_change_a_model(subject.context) or subject.context.feeds(*feeds(subject, suites)):
        _need_scikit_learn()
        check_model(subject, suites, tally)


def _need_scikit_learn() -> None:
    """Raise `CannotRun` before the model runs for nothing: metrics and intervals need it, and it brings SciPy."""
    if find_spec("sklearn") is None:
        raise CannotRun("the model gate needs scikit-learn, which is not installed", fix=INSTALL)


def may_change_a_model(context: Context) -> bool:
    """Whether the run is not limited, or one of its files may be code, a setting or a part of a model."""
    if context.files is None:
        return True
    root = context.root.resolve()
    return any(path.suffix.lower() not in DOCUMENTS and _visible(path, root) for path in context.files)


def _visible(path: Path, root: Path) -> bool:
    """Whether a file lies in the project and not in a hidden folder, where settings of other tools are."""
    return path.is_relative_to(root) and not any(part.startswith(".") for part in path.relative_to(root).parts)
