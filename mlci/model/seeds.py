"""`seeds`: a recipe is trained with each of them, and its numbers are the means over all.

Other seeds than the first give numbers alone. The first is trained last, so that the model which everything else is
looked at of, and which stays on disk, is its.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mlci.config.models import Model
from mlci.limits import judge
from mlci.model.measure import FREE
from mlci.model.paired import SCORE, Predicted
from mlci.model.subject import Subject, Tally
from mlci.results.model import Check, Metric
from mlci.results.training import Training

SEED = "MLCI_SEED"
"""The variable that the training and the model find the seed in."""
_PLACE = "{seed}"
_DIGEST = 8
_WRONG = ("errored", "failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """How a model is looked at that was trained once; each adds to the tally that it is given."""

    numbers: Callable[[Subject, Tally], None]
    """Its metrics alone."""
    all: Callable[[Subject, Tally], None]
    """Its behaviour suites and so on too."""


def over_seeds(subject: Subject, tally: Tally, once: Once) -> None:
    """Look at a model `once` for each seed, and add what was found to `tally`, with means in place of numbers."""
    seeds = subject.model.seed_list
    found: list[Training] = []
    for seed in seeds[1:]:
        subject.context.progress(f"{subject.name}: training with seed {seed}")
        own = Tally()
        once.numbers(_numbers_alone(_seeded(subject, seed)), own)
        trained = training_of(subject, own, seed=seed)
        if trained is None:
            tally.checks.append(_not_trained(subject, seed, own.checks))
        else:
            found.append(trained)
    own = Tally()
    once.all(_seeded(subject, seeds[0]), own)
    first = training_of(subject, own, seed=seeds[0])
    if first is not None and len(found) == len(seeds) - 1:
        _put_means(subject, own, (first, *found))
    tally.add(own)


def training_of(subject: Subject, tally: Tally, *, seed: int | None) -> Training | None:
    """Return the numbers of one training; None where its model gave no predictions."""
    said = tally.predicted.get(subject.name)
    if said is None or not said.columns:
        return None
    known = {f"model.{subject.name}.{name}" for name in {**subject.model.slice_metrics, **subject.model.metrics}}
    values = tuple((one.name, one.slice, one.value) for one in tally.metrics if one.name in known)
    return Training(seed=seed, said=_digest(said), values=values)


def _digest(said: Predicted) -> str:
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for name, column in sorted(said.columns.items()):
        if name == "prediction" or name.startswith(f"{SCORE}_"):
            ordered = [column[row] for row in said.order] if said.order else list(column)
            digest.update(json.dumps([name, ordered]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _seeded(subject: Subject, seed: int) -> Subject:
    """Return the model as it is trained with `seed`, which stands in `MLCI_SEED` and for `{seed}` in `prepare`."""
    prepare = subject.model.prepare
    if isinstance(prepare, str):
        prepare = prepare.replace(_PLACE, str(seed))
    elif prepare is not None:
        prepare = tuple(word.replace(_PLACE, str(seed)) for word in prepare)
    context = replace(subject.context, env={**subject.context.env, SEED: str(seed)})
    return replace(subject, model=replace(subject.model, prepare=prepare, seeds=None), context=context)


def _numbers_alone(subject: Subject) -> Subject:
    """Return the model with nothing to look at but its metrics, on all examples and on slices."""
    bare = replace(
        subject.model,
        metrics={name: replace(one, min=None, max=None) for name, one in subject.model.metrics.items()},
        slice_metrics={name: replace(one, min=None, max=None) for name, one in subject.model.slice_metrics.items()},
        find_slices=None, analyse=None, drift=None, fairness=None, explain=None, never_break=None,
        inference=None, latency=None, peak_memory=None, size=None,
    )  # fmt: skip
    return replace(subject, model=bare)


def _not_trained(subject: Subject, seed: int, checks: Sequence[Check]) -> Check:
    why = next((check for check in checks if check.status in _WRONG), None)
    return Check(
        id=f"model.{subject.name}.seeds.{seed}",
        status="errored",
        summary=f"the model {subject.name} gave no numbers with seed {seed}",
        reason=(why.reason if why else None) or "it gave no predictions",
        where=(why.where if why else None) or subject.where("seeds"),
        details=why.details if why else {},
    )


def _put_means(subject: Subject, tally: Tally, trainings: tuple[Training, ...]) -> None:
    """Put the mean over all trainings in place of each number of the first, and judge it anew."""
    tally.metrics = [_mean(one, trainings) for one in tally.metrics]
    means = {_identity(one): one for one in tally.metrics if _all_have(one, trainings)}
    tally.checks = [
        _judged(check, means[check.id], subject.model, trainings) if check.id in means else check
        for check in tally.checks
    ]
    tally.trainings[subject.name] = trainings
    tally.checks.append(_told(subject, trainings))


def _identity(metric: Metric) -> str:
    return metric.name if metric.slice is None else f"{metric.name}.{metric.slice}"


def _all_have(metric: Metric, trainings: Sequence[Training]) -> bool:
    return all(one.value(metric.name, metric.slice) is not None for one in trainings)


def _mean(metric: Metric, trainings: Sequence[Training]) -> Metric:
    values = [one.value(metric.name, metric.slice) for one in trainings]
    known = [value for value in values if value is not None]
    return metric if len(known) < len(values) else replace(metric, value=statistics.fmean(known), interval=None)


def _judged(check: Check, metric: Metric, model: Model, trainings: Sequence[Training]) -> Check:
    short = metric.name.rpartition(".")[2]
    limits = (model.metrics if metric.slice is None else model.slice_metrics).get(short, FREE)
    place = "" if metric.slice is None else f" where {metric.slice}"
    subject = f"{short}{place}, mean over {len(trainings)} seeds,"
    own = {str(one.seed): one.value(metric.name, metric.slice) for one in trainings}
    details = {key: value for key, value in check.details.items() if not key.startswith("interval")}
    return judge(replace(check, details={**details, "seeds": own}), subject, metric.value, limits, n=metric.n)


def _told(subject: Subject, trainings: Sequence[Training]) -> Check:
    seeds = ", ".join(str(one.seed) for one in trainings)
    check = Check(
        id=f"model.{subject.name}.seeds",
        status="passed",
        summary=f"{subject.name} was trained with {len(trainings)} seeds: {seeds}",
        where=subject.where("seeds"),
    )
    models = len({one.said for one in trainings})
    if models > 1:
        return check
    reason = (
        f"{len(trainings)} seeds gave one and the same model: either its training does not take {SEED}, "
        f"or `{_PLACE}` in `prepare`, or it has no noise, and `estimand: model` says more"
    )
    return replace(check, status="warned", reason=reason)
