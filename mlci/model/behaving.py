"""One behaviour suite of a model: its checks, what is kept of it, and its failing examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mlci.errors import Where
from mlci.model.behaviour.answers import answers_to
from mlci.model.behaviour.discrimination import remembered
from mlci.model.behaviour.judge import Adversary
from mlci.model.behaviour.outcomes import digest_of, outcomes_of
from mlci.model.behaviour.report import checks_of, keep_failing, write_examples
from mlci.model.behaviour.result import BehaviourResult
from mlci.model.behaviour.run import conclude
from mlci.model.behaviour.suite import Suite
from mlci.model.paired import Predicted
from mlci.model.predictor import Predictor
from mlci.model.rows import Row
from mlci.model.subject import Subject, Tally
from mlci.model.suites import attachments, built_for
from mlci.results.model import Check


def behave(
    subject: Subject, predictor: Predictor, suite: Suite, tally: Tally, known: dict[Path, Sequence[Row]]
) -> None:
    """Run one behaviour suite on a model and add what came out of it to `tally`."""
    prefix = f"model.{subject.name}.behaviour.{suite.name}"
    if not suite.tests:
        tally.checks.append(_no_tests(prefix, suite))
        return
    subject.context.progress(f"{subject.name}: behaviour suite {suite.name}")
    built, images = built_for(subject, suite, known)
    ask = predictor.ask_all
    answers = answers_to(built, ask, batch_size=subject.model.batch_size, progress=subject.context.progress)
    result = conclude(suite, built, answers, Adversary(ask, images))
    tally.checks += checks_of(result, prefix=prefix)
    metrics, warnings = remembered(result, prefix, tally.metrics, context=subject.context, model=subject.name)
    tally.metrics += metrics
    tally.checks += warnings
    _keep_outcomes(subject, result, prefix, tally)
    write_examples(result, attachments(subject) / f"{subject.name}-{suite.name}.csv")
    keep_failing(images, result)


def _keep_outcomes(subject: Subject, result: BehaviourResult, prefix: str, tally: Tally) -> None:
    """Keep how each case ended, for a comparison case by case."""
    outcomes = outcomes_of(result)
    if outcomes and subject.context.keeps:
        said = tally.predicted.get(subject.name) or Predicted(columns={}, slices={}, positive=None)
        tally.predicted[subject.name] = replace(said, suites={**said.suites, prefix: outcomes})
        tally.fingerprints[f"{prefix}.cases"] = digest_of(outcomes)


def _no_tests(prefix: str, suite: Suite) -> Check:
    return Check(
        id=prefix,
        status="failed",
        summary=f"the suite {suite.name} has no tests",
        reason="nothing was checked: the suite has no tests",
        where=None if suite.path is None else Where(path=suite.path),
    )
