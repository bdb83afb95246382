"""`drift:` of a model: the distribution of its predictions beside that of the baseline's, on the same examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlci.baselines.model import Found
from mlci.config.drift import PredictionDrift
from mlci.data.drift.judging import Judged, Limits, judge
from mlci.data.drift.values import counted_like, profile_of_values
from mlci.data.drift.words import details_of, reason_of, summary_of
from mlci.errors import CannotRun, Where
from mlci.model.predictions import Prediction
from mlci.numbers import percent
from mlci.results.model import Check, Status, failed_or_warned
from mlci.results.profile import Profile

_TWO = 2
_BASELINE = "the baseline"


def said_by(predictions: Sequence[Prediction]) -> dict[str, list[Any]]:
    """Return what is compared of predictions: labels or values, and the probability or, of many classes, the largest.

    A model with several outputs has these for each of them.
    """
    if predictions and predictions[0].outputs is not None:
        names = list(predictions[0].outputs)
        parts = {name: [(one.outputs or {})[name] for one in predictions] for name in names}
        return {f"{name} {key}": values for name, part in parts.items() for key, values in said_by(part).items()}
    said: dict[str, list[Any]] = {"prediction": [one.label for one in predictions]}
    shares = [one.probabilities for one in predictions]
    if predictions and all(shares):
        classes = sorted({name for each in shares for name in each or ()}, key=str)
        if len(classes) <= _TWO:
            said["probability"] = [float((each or {}).get(classes[-1], 0.0)) for each in shares]
        else:
            said["confidence"] = [float(max((each or {}).values(), default=0.0)) for each in shares]
    return said


def profile_of(predictions: Sequence[Prediction]) -> Profile:
    """Return the profile of predictions that a baseline keeps."""
    columns = {name: profile_of_values(values) for name, values in said_by(predictions).items()}
    return Profile(rows=len(predictions), columns=columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A model whose predictions are compared."""

    name: str
    drift: PredictionDrift
    where: Callable[..., Where]
    """The place of a key of the model in `mlci.yaml`."""
    fingerprint: tuple[str, str]
    """The key and the digest of its evaluation data."""

    def check(self, status: Status, summary: str, reason: str | None = None, *, part: str = "") -> Check:
        """Return a check of its predictions, or of one output of several."""
        return Check(
            id=f"model.{self.name}.prediction-drift{part}",
            status=status,
            severity=self.drift.severity,
            summary=summary,
            reason=None if status == "passed" else reason,
            where=self.where("drift"),
        )

    def undecided(self, reason: str) -> Check:
        """Return the check that says why nothing was judged."""
        return self.check("inconclusive", f"drift of the predictions of {self.name} was not judged", reason)


def compared(question: Question, predictions: Sequence[Prediction], found: Found | None) -> Iterator[Check]:
    """Yield a check for each output of the model.

    Raises:
        CannotRun: the baseline cannot be looked for or used.
    """
    if found is None:
        yield question.check("passed", "the distribution of predictions was kept for later runs")
        return
    if found.error:
        raise CannotRun(f"no baseline could be looked for: {found.error}")
    profile = found.stored.profiles.get(f"model.{question.name}.predictions") if found.stored else None
    if found.stored is None or profile is None:
        lacks = "there is no baseline" if found.stored is None else "the baseline has no profile of its predictions"
        yield question.undecided(lacks)
        return
    key, digest = question.fingerprint
    if found.stored.fingerprints.get(key, digest) != digest:
        yield question.undecided("the baseline was computed on other evaluation data")
        return
    if not all(column.is_whole for column in profile.columns.values()):
        raise CannotRun("the baseline's profile of predictions is no profile", fix="Run `mlci baseline save` again.")
    yield from _judged(question, profile, said_by(predictions), len(predictions))


def _judged(question: Question, before: Profile, said: Mapping[str, Sequence[Any]], rows: int) -> Iterator[Check]:
    both = {part: counted_like(before.columns[part], said[part]) for part in said if part in before.columns}
    drift = question.drift
    limits = Limits(distance=drift.min_distance, new=drift.max_new, false_alarm_rate=drift.false_alarm_rate)
    if not both:
        yield question.undecided("the model's outputs have other names than the baseline's")
    for judged in judge(before, Profile(rows=rows, columns=both), limits):
        yield _of_output(question, judged)


def _of_output(question: Question, judged: Judged) -> Check:
    status: Status = failed_or_warned(question.drift.severity) if judged.drifted else "passed"
    reason = reason_of(judged, _BASELINE)
    if judged.before.holds != judged.now.holds:
        status = failed_or_warned(question.drift.severity)
        reason = f"`{judged.name}` holds {judged.now.holds}, and {judged.before.holds} in {_BASELINE}"
    elif judged.is_undecided:
        status = "inconclusive"
        shift = percent(min(1.0, judged.least))
        reason = f"{judged.now.rows:,} examples: only a shift of {shift} of them could be seen"
    summary = reason if status in ("failed", "warned") else summary_of(judged, _BASELINE)
    part = "" if judged.name == "prediction" else f".{judged.name.replace(' ', '-')}"
    found = question.check(status, f"{question.name}: {summary}", reason, part=part)
    return replace(found, details=details_of(judged, _BASELINE))
