"""Metrics, slices, fairness and explanations of one model, from its answers to labelled examples."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.config.analysis import Analyse
from mlci.config.drift import PredictionDrift
from mlci.config.models import Evaluate, SliceFunction
from mlci.errors import CannotRun
from mlci.model.evaluation import Evaluation, identity, read_evaluation
from mlci.model.explain.check import explained
from mlci.model.fairness.check import fairness
from mlci.model.measure import Measured, by_slice, overall, settings_of, without_predictions
from mlci.model.never_break import never_break
from mlci.model.own_metrics import compute, wanted_of
from mlci.model.own_slices import slices_by_function
from mlci.model.paired import beside, predicted
from mlci.model.predictions import Prediction
from mlci.model.predictions_file import joined
from mlci.model.predictor import Predictor
from mlci.model.rows import Row
from mlci.model.slice_checks import slice_checks
from mlci.model.slices import Left, Slice, slices_of
from mlci.model.subject import Subject, Tally, examples_of
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.baselines.model import Found


def evaluate(subject: Subject, predictor: Predictor, tally: Tally, known: dict[Path, Sequence[Row]]) -> None:
    """Ask the model about its labelled examples and add all that follows from its answers to `tally`."""
    name, model = subject.name, subject.model
    own = wanted_of(model, subject.context.vocabulary, where=subject.where)
    try:
        evaluation = examples_of(subject)
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
    tally.checks += never_break(subject, evaluation, predictions, predictor.ask_all)
    for found, metric in [*overall(measured), *by_slice(measured, slices, left), *fairness(measured)]:
        tally.checks.append(found)
        tally.metrics += [] if metric is None else [metric]
    _look_closer(subject, predictor, measured, tally)


def _look_closer(subject: Subject, predictor: Predictor, measured: Measured, tally: Tally) -> None:
    """Add what was asked for beyond numbers: weak slices, the kinds of mistakes, and what answers depend on."""
    name, model = subject.name, subject.model
    if model.find_slices is not None and not subject.context.at_base:
        subject.context.progress(f"{name}: looking for weak slices")
        tally.checks += slice_checks(measured, model.find_slices, _baseline(subject, tally))
    if model.analyse is not None and not subject.context.at_base:
        tally.checks.append(_analysed(subject, predictor, measured, model.analyse, _baseline(subject, tally)))
    if model.explain is not None:
        subject.context.progress(f"{name}: explaining its answers")
        checks, metrics = explained(measured, predictor.ask_all)
        tally.checks += checks
        tally.metrics += metrics


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


def _baseline(subject: Subject, tally: Tally) -> Found | None:
    """Return the baseline with what its model said of these examples, and without where it said it of others."""
    found, name = subject.context.find_baseline(), subject.name
    if found is None or name not in found.predicted:
        return found
    before, now = found.predicted[name], tally.predicted[name]
    key = f"model.{name}.evaluate"
    other = before.stored and (found.stored is None or found.stored.fingerprints.get(key) != tally.fingerprints[key])
    try:
        placed = None if other or not before.columns else beside(before, now) if before.stored else before
    except CannotRun:  # the comparison of the numbers says so
        placed = None
    rest = {model: said for model, said in found.predicted.items() if model != name}
    return replace(found, predicted=rest if placed is None else {**rest, name: placed})


def _analysed(subject: Subject, predictor: Predictor, measured: Measured, asked: Analyse, found: Found | None) -> Check:
    from mlci.model.analysis.check import analysis

    subject.context.progress(f"{subject.name}: analysing its errors")
    before = None if found is None else found.predicted.get(subject.name)
    evaluate_on = replace(measured.model.evaluate or Evaluate(data=""), data=asked.data or "")
    read = partial(read_evaluation, evaluate_on, root=subject.context.root)
    return analysis(measured, asked, before, read, lambda examples: _predictions(subject, predictor, examples)[0])


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
