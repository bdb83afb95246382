"""The trainings that tell how a recipe's numbers scatter: those of this run, and those that were stored."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mlci.baselines.model import Stored
from mlci.compare import not_comparable
from mlci.results.model import Metric
from mlci.results.training import Training


class Draw(NamedTuple):
    """One value, and a digest of the model that it is of; nothing where that was not kept."""

    value: float
    model: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What is known of one number."""

    now: tuple[Draw, ...]
    before: tuple[Draw, ...]
    """What it is compared with."""
    last: tuple[Draw, ...] = ()
    """Those of the run that it is compared with, without those before that."""
    others: tuple[Draw, ...] = ()
    """Trainings at another level, which tell of the noise alone."""
    runs: tuple[float, ...] = ()
    """The means of runs before that had as many trainings as this one."""

    @property
    def is_known(self) -> bool:
        """Whether every model of now was there at the last run."""
        models = {draw.model for draw in self.last} - {None}
        return bool(self.now) and all(draw.model in models for draw in self.now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What runs before this one stored, the newest first, and what this one's numbers are of."""

    runs: tuple[Stored, ...]
    fingerprints: Mapping[str, str]
    trainings: Mapping[str, tuple[Training, ...]] = field(default_factory=dict)
    """The trainings of this run, by model."""

    def sample(self, metric: Metric, single: Stored | None = None) -> Sample:
        """Return the trainings that tell of a number; with `single`, those of that run are what it is compared with.

        Runs count back to the first that is not comparable: on other evaluation data or by other metric code, or the
        last before `mlci baseline save --new-level`. A model that was there before says nothing new of the noise, and
        counts once.
        """
        now = _distinct([_draws(self.trainings, metric, metric.value)])
        runs = [_draws(run.trainings, metric, _value(run, metric)) for run in self._comparable(metric)]
        if single is None:
            means = tuple(_means(runs, size=len(now)))
            return Sample(now=now, before=_distinct(runs), last=_distinct(runs[:1]), runs=means)
        before = _distinct([_draws(single.trainings, metric, _value(single, metric))])
        return Sample(now=now, before=before, last=before, others=_distinct(runs, known=before))

    def _comparable(self, metric: Metric) -> Iterator[Stored]:
        for run in self.runs:
            if not_comparable(metric, self.fingerprints, run):
                return
            yield run
            if run.new_level:
                return


def takes_no_seed(now: Sequence[Training], before: Sequence[Training]) -> bool:
    """Whether each run gave one and the same model with all its seeds: there is no noise that could be told of."""
    return all(len(each) > 1 and len({one.said for one in each}) == 1 for each in (now, before))


def _value(run: Stored, metric: Metric) -> float | None:
    return next((one.value for one in run.metrics if (one.name, one.slice) == (metric.name, metric.slice)), None)


def _draws(trainings: Mapping[str, Sequence[Training]], metric: Metric, value: float | None) -> list[Draw]:
    """Return the values of a number by training; of one that is not computed of each, the value of the run."""
    own = next((each for name, each in trainings.items() if metric.name.startswith(f"model.{name}.")), ())
    found = [(one.value(metric.name, metric.slice), one.said) for one in own]
    if found and all(each is not None for each, _ in found):
        return [Draw(each, said) for each, said in found if each is not None]
    return [] if value is None else [Draw(value, own[0].said if len(own) == 1 else None)]


def _distinct(runs: Sequence[Sequence[Draw]], known: Sequence[Draw] = ()) -> tuple[Draw, ...]:
    seen = {draw.model for draw in known} - {None}
    found = []
    for draw in (draw for run in runs for draw in run):
        if draw.model not in seen:
            found.append(draw)
        if draw.model is not None:
            seen.add(draw.model)
    return tuple(found)


def _means(runs: Sequence[Sequence[Draw]], *, size: int) -> Iterator[float]:
    """Yield the mean of each run of `size` trainings that are not all of an earlier one."""
    seen: set[str | None] = set()
    for run in runs:
        models = {draw.model for draw in run}
        if len(_distinct([run])) == size and (models == {None} or not models <= seen):
            yield statistics.fmean(draw.value for draw in _distinct([run]))
        seen |= models
