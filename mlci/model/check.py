"""Checking one model: prepare it, ask it, and judge what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun
from mlci.model.behaving import behave
from mlci.model.behaviour.run import different_inputs
from mlci.model.behaviour.suite import Suite
from mlci.model.evaluating import evaluate
from mlci.model.explain.check import saliency
from mlci.model.inference.checks import inference_checks
from mlci.model.measure import without_predictions
from mlci.model.predictor import Predictor, prepare
from mlci.model.rows import Row
from mlci.model.seeds import Once, over_seeds, training_of
from mlci.model.subject import Subject, Tally, examples_of
from mlci.model.suites import built_for
from mlci.results.model import Check


def check_model(subject: Subject, suites: Sequence[Suite | Check], tally: Tally) -> None:
    """Look at one model, trained with each of its seeds where it has some, and add what was found to `tally`."""
    if subject.model.seeds is not None:
        once = Once(numbers=lambda one, own: _check(one, (), own), all=lambda one, own: _check(one, suites, own))
        over_seeds(subject, tally, once)
        return
    _check(subject, suites, tally)
    trained = training_of(subject, tally, seed=None) if subject.model.estimand == "recipe" else None
    if trained is not None:
        tally.trainings[subject.name] = (trained,)


def _check(subject: Subject, suites: Sequence[Suite | Check], tally: Tally) -> None:
    before = len(tally.checks)
    tally.checks += [suite for suite in suites if isinstance(suite, Check)]
    model = subject.model
    with subject.at("memory"):
        predictor = Predictor(model, subject.context)
    with subject.at("prepare"):
        failed = None if model.prepare is None else prepare(model, subject.context)
    if failed is not None:
        tally.checks.append(_not_prepared(subject, failed.reason, failed.output))
        tally.checks += without_predictions(subject.name, model, subject.where)
        return
    known: dict[Path, Sequence[Row]] = {}
    with predictor:
        if model.evaluate is not None and model.needs_examples:
            evaluate(subject, predictor, tally, known)
        tally.checks += saliency(subject.name, model, predictor.ask_all, context=subject.context, where=subject.where)
        for suite in suites:
            if isinstance(suite, Suite):
                behave(subject, predictor, suite, tally, known)
        for check, metric in inference_checks(subject, predictor, partial(_inputs, subject, suites, known)):
            tally.checks.append(check)
            tally.metrics += [] if metric is None else [metric]
    if len(tally.checks) == before and not model.allow_empty:
        tally.checks.append(_nothing(subject))


def _not_prepared(subject: Subject, reason: str, output: str) -> Check:
    return Check(
        id=f"model.{subject.name}.prepare",
        status="errored",
        summary=f"the model {subject.name} could not be prepared",
        reason=reason,
        where=subject.where("prepare"),
        details={"output": output},
    )


def _nothing(subject: Subject) -> Check:
    return Check(
        id=f"model.{subject.name}",
        status="failed",
        summary=f"nothing is checked of the model {subject.name}",
        reason="nothing was checked: it has no metrics, behaviour suites or checks of inference "
        "(`allow-empty: true` permits that)",
        where=subject.where(),
    )


def _inputs(subject: Subject, suites: Sequence[Suite | Check], known: dict[Path, Sequence[Row]]) -> Sequence[Any]:
    """Return inputs to try the model on: those that it is evaluated on, or else those of its behaviour suites."""
    if subject.model.evaluate is not None:
        return examples_of(subject).inputs
    for suite in suites:
        if isinstance(suite, Suite) and (found := different_inputs(built_for(subject, suite, known)[0])):
            return found
    raise CannotRun("no behaviour suite has an input")


def feeds(subject: Subject, suites: Sequence[Suite | Check]) -> Iterator[Path]:
    """Give every file that what is found depends on, code and artifacts not counted."""
    root, model = subject.context.root, subject.model
    if model.evaluate is not None:
        yield root / model.evaluate.data
    if model.analyse is not None and model.analyse.data is not None:
        yield root / model.analyse.data
    if model.predictions is not None:
        yield root / model.predictions
    if model.never_break is not None:
        yield root / model.never_break
    if model.saved is not None:
        yield root / model.saved.path
    for suite in suites:
        if isinstance(suite, Suite) and suite.path is not None:
            yield root / suite.path
            for test in suite.tests:
                if test.table is not None:
                    yield root / test.table.path
                    yield (root / suite.path).parent / test.table.path
