"""Checking one model: prepare it, ask it, and judge what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from mlci.config.drift import PredictionDrift
from mlci.config.models import Model, SliceFunction
from mlci.errors import CannotRun, UsageError, Where
from mlci.gates import Context
from mlci.model.behaviour.answers import answers_to
from mlci.model.behaviour.discrimination import remembered
from mlci.model.behaviour.judge import Adversary
from mlci.model.behaviour.outcomes import digest_of, outcomes_of
from mlci.model.behaviour.report import checks_of, keep_failing, write_examples
from mlci.model.behaviour.result import BehaviourResult
from mlci.model.behaviour.run import conclude, different_inputs
from mlci.model.behaviour.suite import Suite
from mlci.model.evaluation import Evaluation, identity, read_evaluation
from mlci.model.explain.check import explained, saliency
from mlci.model.fairness.check import fairness
from mlci.model.inference.checks import inference_checks
from mlci.model.measure import Measured, by_slice, overall, settings_of, without_predictions
from mlci.model.never_break import never_break
from mlci.model.own_metrics import compute, wanted_of
from mlci.model.own_slices import slices_by_function
from mlci.model.paired import Predicted, predicted
from mlci.model.predictions import Prediction
from mlci.model.predictions_file import joined
from mlci.model.predictor import Predictor, prepare
from mlci.model.rows import Row
from mlci.model.slice_checks import slice_checks
from mlci.model.slices import Left, Slice, slices_of
from mlci.model.suites import attachments, built_for
from mlci.results.model import Check, Metric
from mlci.results.profile import Profile


@dataclass(kw_only=True, slots=True)
class Tally:
    """What the gate has found so far."""

    checks: list[Check] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    predicted: dict[str, Predicted] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One model of the configuration."""

    name: str
    model: Model
    context: Context

    def where(self, *key: str | int) -> Where:
        """Return the place of a key of this model in `mlci.yaml`."""
        return self.context.where("model", self.name, *key)

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Give every `UsageError` raised inside the place of `key`, unless it has one."""
        try:
            yield
        except UsageError as error:
            if error.where is not None:
                raise
            name = f"model.{self.name}.{key}"
            raise UsageError(error.what, where=self.where(key), key=name, fix=error.fix) from None

    def errored(self, part: str, error: CannotRun, summary: str, *key: str) -> Check:
        """Return the check `model.<name>.<part>` for something that could not be done."""
        details = getattr(error, "details", "")
        return Check(
            id=f"model.{self.name}.{part}",
            status="errored",
            summary=summary,
            reason=str(error),
            where=error.where or self.where(*key),
            details={"output": details} if details else {},
        )


def check_model(subject: Subject, suites: Sequence[Suite | Check], tally: Tally) -> None:
    """Look at one model and add what was found to `tally`."""
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
            _evaluate(subject, predictor, tally, known)
        tally.checks += saliency(subject.name, model, _asking(predictor), context=subject.context, where=subject.where)
        for suite in suites:
            if isinstance(suite, Suite):
                _behave(subject, predictor, suite, tally, known)
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


def _evaluate(subject: Subject, predictor: Predictor, tally: Tally, known: dict[Path, Sequence[Row]]) -> None:
    name, model = subject.name, subject.model
    own = wanted_of(model, subject.context.vocabulary, where=subject.where)
    try:
        evaluation = _examples(subject)
    except CannotRun as error:
        tally.checks.append(subject.errored("evaluate", error, "the examples could not be read", "evaluate"))
        tally.checks += without_predictions(name, model, subject.where)
        return
    known[evaluation.path] = evaluation.rows
    if not len(evaluation):
        tally.checks += [] if model.allow_empty else [_no_examples(subject, evaluation)]
        return
    try:
        predictions, check = _predictions(subject, predictor, evaluation)
    except CannotRun as error:
        tally.checks.append(subject.errored("predict", error, f"the model {name} gave no predictions", model.source))
        tally.checks += without_predictions(name, model, subject.where)
        return
    tally.checks.append(check)
    same = identity(evaluation, inputs=model.answers)
    tally.fingerprints.update({f"model.{name}.{key}": digest for key, digest in same.fingerprints.items()})
    if model.drift is not None:
        _compare_predictions(subject, model.drift, predictions, tally)
    slices, left = _slices(subject, evaluation, tally)
    computed = compute(own, evaluation, predictions, slices, subject.context.vocabulary)
    tally.fingerprints.update({f"model.{name}.{key}.function": each.digest for key, each in computed.items()})
    tally.fingerprints.update({f"model.{name}.{key}.settings": said for key, said in settings_of(model).items()})
    measured = Measured(
        name=name, model=model, evaluation=evaluation, predictions=predictions, where=subject.where, own=computed
    )
    tally.predicted[name] = predicted(measured, slices, order=same.order)
    tally.checks += never_break(subject, evaluation, predictions, _asking(predictor))
    for found, metric in [*overall(measured), *by_slice(measured, slices, left), *fairness(measured)]:
        tally.checks.append(found)
        tally.metrics += [] if metric is None else [metric]
    if model.find_slices is not None:
        subject.context.progress(f"{name}: looking for weak slices")
        tally.checks += slice_checks(measured, model.find_slices, subject.context.find_baseline())
    if model.explain is not None:
        subject.context.progress(f"{name}: explaining its answers")
        checks, metrics = explained(measured, _asking(predictor))
        tally.checks += checks
        tally.metrics += metrics


def _asking(predictor: Predictor) -> Callable[[Sequence[Any]], Sequence[Prediction]]:
    return partial(predictor.ask, named=lambda at: f"prediction {at + 1}")


def _slices(subject: Subject, evaluation: Evaluation, tally: Tally) -> tuple[tuple[Slice, ...], tuple[Left, ...]]:
    declared, where = subject.model.slices, partial(subject.where, "slices")
    written = {name: chosen for name, chosen in declared.items() if not isinstance(chosen, SliceFunction)}
    slices, left = slices_of(written, evaluation, where=where)
    found = slices_by_function(declared, evaluation, subject.context.vocabulary, where=where)
    for name, made in found:
        if isinstance(made, Slice):
            slices = (*slices, made)
        else:
            said = f"the slice {name} could not be made"
            tally.checks.append(subject.errored(f"slices.{name}", made, said, "slices", name))
    return slices, left


def _compare_predictions(
    subject: Subject, drift: PredictionDrift, predictions: Sequence[Prediction], tally: Tally
) -> None:
    from mlci.model.prediction_drift import Question, compared, profile_of

    key = f"model.{subject.name}.evaluate"
    tally.profiles[f"model.{subject.name}.predictions"] = profile_of(predictions)
    try:
        found = subject.context.find_baseline()
        question = Question(
            name=subject.name, drift=drift, where=subject.where, fingerprint=(key, tally.fingerprints[key])
        )
        tally.checks += compared(question, predictions, found)
    except CannotRun as error:
        summary = f"drift of the predictions of {subject.name} could not be judged"
        tally.checks.append(subject.errored("prediction-drift", error, summary, "drift"))


def _inputs(subject: Subject, suites: Sequence[Suite | Check], known: dict[Path, Sequence[Row]]) -> Sequence[Any]:
    """Return inputs to try the model on: those that it is evaluated on, or else those of its behaviour suites."""
    if subject.model.evaluate is not None:
        return _examples(subject).inputs
    for suite in suites:
        if isinstance(suite, Suite) and (found := different_inputs(built_for(subject, suite, known)[0])):
            return found
    raise CannotRun("no behaviour suite has an input")


def _examples(subject: Subject) -> Evaluation:
    if subject.model.evaluate is None:
        raise CannotRun("there are no labelled examples: `evaluate` is missing", where=subject.where())
    return read_evaluation(subject.model.evaluate, root=subject.context.root)


def _no_examples(subject: Subject, evaluation: Evaluation) -> Check:
    return Check(
        id=f"model.{subject.name}.evaluate",
        status="failed",
        summary=f"{evaluation.shown} has no examples",
        reason=f"nothing was checked: {evaluation.shown} has no rows",
        where=subject.where("evaluate", "data"),
    )


def _predictions(subject: Subject, predictor: Predictor, evaluation: Evaluation) -> tuple[Sequence[Prediction], Check]:
    """Return the predictions for the examples, and the check that says so."""
    started = time.monotonic()
    note = ""
    if not subject.model.answers:
        found = joined(subject.model, evaluation, root=subject.context.root)
        predictions: Sequence[Prediction] = found.predictions
        if found.surplus:
            note = f"; {found.surplus} more in {subject.model.predictions} are of no example"
    else:
        subject.context.progress(f"{subject.name}: predicting {len(evaluation):,} examples")
        predictions = predictor.ask(evaluation.inputs, lambda at: f"the prediction for row {at + 1}")
    check = Check(
        id=f"model.{subject.name}.predict",
        status="passed",
        summary=f"{len(predictions):,} examples predicted{note}",
        where=subject.where(subject.model.source),
        details={"n": len(predictions), "seconds": round(time.monotonic() - started, 3)},
    )
    return predictions, check


def _behave(
    subject: Subject, predictor: Predictor, suite: Suite, tally: Tally, known: dict[Path, Sequence[Row]]
) -> None:
    prefix = f"model.{subject.name}.behaviour.{suite.name}"
    if not suite.tests:
        tally.checks.append(_no_tests(prefix, suite))
        return
    subject.context.progress(f"{subject.name}: behaviour suite {suite.name}")
    built, images = built_for(subject, suite, known)
    ask = _asking(predictor)
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


def feeds(subject: Subject, suites: Sequence[Suite | Check]) -> Iterator[Path]:
    """Give every file that what is found depends on, code and artifacts not counted."""
    root, model = subject.context.root, subject.model
    if model.evaluate is not None:
        yield root / model.evaluate.data
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
