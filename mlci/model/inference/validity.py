"""Whether a model loads, and whether its answers are valid, repeat, do not depend on the batch, and always come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.inference import Inference, Odd
from mlci.errors import CannotRun
from mlci.model.inference.drawn import odd_inputs
from mlci.model.predictions import InvalidAnswer, Prediction
from mlci.model.predictor import Predictor
from mlci.numbers import duration, number
from mlci.results.model import Check, Status, failed_or_warned

SHOWN = 5
Made = Callable[..., Check]
"""Makes a check of its short name, status, summary and reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A model that is tried on inputs."""

    predictor: Predictor
    inputs: Sequence[Any]
    settings: Inference
    check: Made


def loads(predictor: Predictor, check: Made) -> Check:
    """The model loads, under the project's interpreter."""
    try:
        said = predictor.backend.load()
    except CannotRun as error:
        return check("loads", "errored", "the model does not load", str(error), error)
    seconds = f" in {duration(said['seconds'])}" if said else ""
    return check("loads", "passed", f"the model loads{seconds}", details=dict(said))


def answers(tried: Tried) -> Iterator[Check]:
    """Valid answers; then the same ones again, and the same ones alone."""
    count = len(tried.inputs)
    try:
        said = tried.predictor.fresh(tried.inputs, _named)
    except InvalidAnswer as error:
        yield _failed(tried, "output", "answers are not valid", error.says)
        return
    except CannotRun as error:
        yield tried.check("output", "errored", "the model gave no answers", str(error), error)
        return
    wrong = _outside(said, tried.settings)
    if wrong:
        yield _failed(tried, "output", "answers are not valid", wrong)
    else:
        yield tried.check("output", "passed", f"answers to {count:,} inputs are valid", details={"n": count})
    yield _same(tried, said, "repeatability", "asked again", len(tried.inputs))
    if count > 1:
        yield _same(tried, said, "batch-invariance", "asked alone", 1)
    else:
        yield tried.check("batch-invariance", "skipped", "one input alone and in a batch", "there is only one input")


def robust(tried: Tried, kind: Odd) -> Check:
    """Odd inputs are answered, not crashed on."""
    odd = odd_inputs(kind, tried.inputs, long=tried.settings.long)
    name, what = f"robust.{kind}", f"{_WORDS[kind]} are answered"
    if not odd:
        return tried.check(name, "skipped", what, "the inputs hold no text to replace")
    trouble: list[str] = []
    for words, value in odd:
        try:
            tried.predictor.fresh([value], lambda _at: "the prediction")
        except CannotRun as error:
            trouble.append(f"{words}: {error.says}")
    if not trouble:
        return tried.check(name, "passed", f"{what}: {len(odd)} tried", details={"n": len(odd)})
    reason = f"{len(trouble)} of {len(odd)} {_WORDS[kind]} are not answered; {trouble[0]}"
    return _failed(tried, name, what, reason, details={"n": len(odd), "trouble": trouble[:SHOWN]})


_WORDS = {
    "empty": "empty texts",
    "long": "very long texts",
    "unicode": "texts of odd Unicode",
    "missing": "missing values",
}


def _named(at: int) -> str:
    return f"the prediction for input {at + 1}"


def _failed(tried: Tried, name: str, summary: str, reason: str, details: dict[str, Any] | None = None) -> Check:
    status: Status = failed_or_warned(tried.settings.severity)
    return tried.check(name, status, summary, reason, details=details or {})


def _outside(said: Sequence[Prediction], settings: Inference) -> str | None:
    """Return what is wrong with the first answer that is not among the labels or the numbers that there may be."""
    for at, one in enumerate(said):
        value = one.value
        if settings.labels and one.label not in settings.labels:
            return f"{_named(at)} is {one.label!r}, which is not one of `labels`"
        if value is not None and settings.min is not None and value < settings.min:
            return f"{_named(at)} is {number(value)}, below the minimum of {number(settings.min)}"
        if value is not None and settings.max is not None and value > settings.max:
            return f"{_named(at)} is {number(value)}, above the maximum of {number(settings.max)}"
    return None


def _same(tried: Tried, before: Sequence[Prediction], name: str, how: str, size: int) -> Check:
    """Compare with the answers to the same inputs, in batches of `size`."""
    count, what = len(before), f"the same answers when {how}"
    batch = None if size == count else size
    try:
        now = tried.predictor.fresh(tried.inputs, _named, batch_size=batch)
    except CannotRun as error:
        return tried.check(name, "errored", what, f"when {how}: {error}", error)
    differ = [at for at in range(count) if not alike(before[at], now[at], tried.settings.tolerance)]
    if not differ:
        return tried.check(name, "passed", f"{count:,} inputs have {what}", details={"n": count})
    first = f"input {differ[0] + 1} by {difference(before[differ[0]], now[differ[0]])}"
    reason = f"{len(differ)} of {count} inputs have another answer when {how}, {first}"
    return _failed(tried, name, what, reason, details={"n": count, "differ": len(differ)})


def alike(one: Prediction, other: Prediction, tolerance: float) -> bool:
    """Whether two answers are the same: equal labels, probabilities and numbers within `tolerance`.

    The tolerance of a number is relative where its size is above 1. A label may differ where the two classes are
    equally probable within the tolerance.
    """
    if one.outputs is not None and other.outputs is not None:
        return all(alike(one.outputs[name], other.outputs[name], tolerance) for name in one.outputs)
    if one.probabilities is not None and other.probabilities is not None:
        return _furthest(one, other) <= tolerance and _as_probable(one, other, tolerance)
    if isinstance(one.label, float) or isinstance(other.label, float):
        return _apart(one.label, other.label) <= tolerance
    return one.label == other.label


def difference(one: Prediction, other: Prediction) -> str:
    """Return in words how far two answers are apart, without what they are."""
    if one.probabilities is not None and other.probabilities is not None:
        return f"{number(_furthest(one, other))} in a probability"
    if isinstance(one.label, float) and isinstance(other.label, float):
        return f"{number(abs(one.label - other.label))}"
    return "its label"


def _furthest(one: Prediction, other: Prediction) -> float:
    mine, theirs = one.probabilities or {}, other.probabilities or {}
    return max(abs(mine.get(name, 0.0) - theirs.get(name, 0.0)) for name in {**mine, **theirs})


def _as_probable(one: Prediction, other: Prediction, tolerance: float) -> bool:
    shares = one.probabilities or {}
    return abs(shares.get(one.label, 0.0) - shares.get(other.label, 0.0)) <= 2 * tolerance


def _apart(one: Any, other: Any) -> float:
    if isinstance(one, str) or isinstance(other, str):
        return float("inf")
    return float(abs(one - other) / max(1.0, abs(one), abs(other)))
