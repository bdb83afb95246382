"""The check that carries an error analysis: aggregates for every report, examples where values may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlci.config.analysis import Analyse
from mlci.errors import CannotRun
from mlci.model.analysis.tables import calibration, confusion, residuals
from mlci.model.slice_checks import Losses, losses, of_numbers
from mlci.numbers import count
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.model.evaluation import Evaluation
    from mlci.model.measure import Measured
    from mlci.model.paired import Predicted
    from mlci.model.predictions import Prediction

Ask = Callable[["Evaluation"], Sequence["Prediction"]]
LONGEST = 300
MOST_POINTS = 400
OF_CLUSTER = 3


def analysis(
    measured: Measured, asked: Analyse, before: Predicted | None, read: Callable[[], Evaluation], ask: Ask
) -> Check:
    """Return the error analysis of a model as a check that passes, or is errored where it cannot be made.

    Of the examples that the model is evaluated on only aggregates are told. `read` and `ask` give the examples of
    `analyse` and the predictions for them; of these the most confident mistakes and clusters of mistakes are told too.
    """
    check = Check(
        id=f"model.{measured.name}.analysis",
        status="passed",
        summary="",
        where=measured.where("analyse"),
    )
    try:
        parts = [_aggregates(measured, before)]
        examples: dict[str, Any] = {}
        if asked.data is not None:
            part, examples = _looked_into(measured, asked, read(), ask)
            parts.append(part)
    except CannotRun as error:
        return replace(check, status="errored", summary="errors could not be analysed", reason=error.says)
    details = {"analysis": parts, **({"examples": examples} if examples else {})}
    return replace(check, summary="; ".join(map(_said, parts)), details=details)


def _said(part: dict[str, Any]) -> str:
    found = len(part.get("clusters", ()))
    clusters = f", {count(found, 'cluster')} of mistakes" if "clusters" in part else ""
    wrong = f"{part['wrong']:,} of {part['n']:,} wrong" if "wrong" in part else count(part["n"], "example")
    return f"{part['of']}: {wrong}{clusters}"


def _aggregates(measured: Measured, before: Predicted | None = None) -> dict[str, Any]:
    evaluation, said = measured.evaluation, _labels(measured.predictions)
    found: dict[str, Any] = {"of": evaluation.shown, "n": len(evaluation)}
    if of_numbers(measured):
        values = [float(one) for one in said]
        return {**found, "residuals": residuals([float(label) for label in evaluation.labels], values)}
    right = [true == one for true, one in zip(evaluation.labels, said, strict=True)]
    table = confusion(evaluation.labels, said, _earlier(evaluation, before))
    found |= {"wrong": right.count(False), "confusion": table}
    shares = [prediction.probabilities for prediction in measured.predictions]
    if shares and all(shares):
        found["calibration"] = calibration([_confidence(one) for one in measured.predictions], right)
    return found


def _earlier(evaluation: Evaluation, before: Predicted | None) -> list[Any] | None:
    """Return the baseline's predictions in the order of the examples; None where it lacks any, or labels changed."""
    if before is None:
        return None
    known = zip(before.columns["id"], before.columns["label"], before.columns["prediction"], strict=True)
    old = {key: (label, said) for key, label, said in known}
    pairs = [old.get(key) for key in evaluation.ids]
    same = all(each is not None and each[0] == label for each, label in zip(pairs, evaluation.labels, strict=True))
    return [each[1] for each in pairs if each is not None] if same else None


def _labels(predictions: Sequence[Prediction]) -> list[Any]:
    if predictions and predictions[0].outputs is not None:
        raise CannotRun("errors are analysed of models of one output, and this one has several")
    return [one.label for one in predictions]


def _confidence(prediction: Prediction) -> float:
    return float((prediction.probabilities or {}).get(prediction.label, 0.0))


def _looked_into(
    measured: Measured, asked: Analyse, evaluation: Evaluation, ask: Ask
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return aggregates and, apart, examples of the data that may be looked at."""
    if not len(evaluation):
        raise CannotRun(f"{evaluation.shown} has no rows")
    here = replace(measured, evaluation=evaluation, predictions=ask(evaluation))
    part = _aggregates(here)
    errors = losses(evaluation.labels, _labels(here.predictions), numbers=of_numbers(measured))
    worst = _worst(here, errors)[: asked.examples]
    examples: dict[str, Any] = {"mistakes": [_example(here, at) for at in worst]}
    clustered = _clustered(here, errors)
    part |= clustered["aggregates"]
    if clustered["examples"]:
        examples["clusters"] = clustered["examples"]
    return part, examples if worst else {}


def _worst(measured: Measured, errors: Losses) -> list[int]:
    """Return the positions of mistakes, the most confident first; of numbers, the largest."""
    wrong = [at for at, error in enumerate(errors.values) if error > 0]
    if errors.shares:
        return sorted(wrong, key=lambda at: (-_confidence(measured.predictions[at]), at))
    return sorted(wrong, key=lambda at: (-errors.values[at], at))


def _example(measured: Measured, at: int) -> dict[str, Any]:
    prediction, evaluation = measured.predictions[at], measured.evaluation
    sure = {"confidence": round(_confidence(prediction), 4)} if prediction.probabilities else {}
    return {
        "id": evaluation.ids[at],
        "label": evaluation.labels[at],
        "predicted": prediction.label,
        **sure,
        "input": str(evaluation.inputs[at])[:LONGEST],
    }


def _clustered(measured: Measured, errors: Losses) -> dict[str, Any]:
    import numpy as np

    from mlci.model.analysis.clusters import clusters
    from mlci.model.analysis.features import features, plane

    points = features(measured.evaluation.inputs)
    loss = np.asarray(errors.values)
    found = clusters(points, loss)
    told, shown = [], []
    for each in found:
        inside = np.flatnonzero(each.inside).tolist()
        wrong = [at for at in inside if errors.values[at] > 0]
        pairs = Counter(
            (str(measured.evaluation.labels[at])[:60], str(measured.predictions[at].label)[:60]) for at in wrong
        )
        confused = [f"{true} taken for {said} ({times:,})" for (true, said), times in pairs.most_common(3)]
        told.append(
            {
                "n": len(inside),
                "wrong": len(wrong),
                "error": each.error,
                "elsewhere": each.elsewhere,
                "p": each.p_value,
                **({"mostly": confused} if errors.shares else {}),
            }
        )
        order = sorted(wrong, key=lambda at: (-errors.values[at], at))
        shown.append([_example(measured, at) for at in order[:OF_CLUSTER]])
    return {"aggregates": {"clusters": told, "map": _map(plane(points), loss, found)}, "examples": shown}


def _map(flat: Any, loss: Any, found: Sequence[Any]) -> list[list[float]]:
    """Return up to 400 examples as [x, y, 1 where it is wrong, number of its cluster or 0]."""
    import numpy as np

    chosen = np.arange(len(flat))
    if len(chosen) > MOST_POINTS:
        chosen = np.sort(np.random.default_rng(0).choice(len(flat), MOST_POINTS, replace=False))
    wrong = loss > (0 if set(np.unique(loss)) <= {0.0, 1.0} else np.quantile(loss, 0.9))
    number = np.zeros(len(flat), dtype=int)
    for at, each in enumerate(found):
        number[each.inside & (number == 0)] = at + 1
    rounded = np.round(flat, 4).tolist()
    return [[*rounded[at], int(wrong[at]), int(number[at])] for at in chosen.tolist()]
