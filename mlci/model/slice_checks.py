"""Checks that name the parts of the examples where a model is weak, and those where it got worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlci.config.analysis import FindSlices
from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.model.slice_search import Slice, find_slices
from mlci.numbers import count, number, pair, percent
from mlci.results.model import Check, Status, failed_or_warned

if TYPE_CHECKING:
    from mlci.baselines.model import Found
    from mlci.model.measure import Measured
    from mlci.model.paired import Predicted

_ALL = 0.95
_MOST_TOLD = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """How wrong a model is on each example."""

    values: tuple[float, ...]
    shares: bool
    """Whether each is 0 or 1, so that their mean is an error rate."""

    @property
    def called(self) -> str:
        """What the mean of some of them is."""
        return "error rate" if self.shares else "mean absolute error"


def losses(labels: Sequence[Any], said: Sequence[Any], *, numbers: bool) -> Losses:
    """Return the distance of each prediction from its label where both are `numbers`, else whether it is wrong."""
    if numbers:
        values = tuple(abs(float(true) - float(one)) for true, one in zip(labels, said, strict=True))
        return Losses(values=values, shares=False)
    return Losses(values=tuple(float(true != one) for true, one in zip(labels, said, strict=True)), shares=True)


def of_numbers(measured: Measured) -> bool:
    """Whether the model predicts numbers: one of its metrics is of such, or no label is a text or a whole number."""
    names = {**measured.model.metrics, **measured.model.slice_metrics}
    if any(name not in measured.own and measured.scorer(name).needs == "numbers" for name in names):
        return True
    return all(isinstance(label, float) for label in measured.evaluation.labels)


def slice_checks(measured: Measured, asked: FindSlices, found: Found | None) -> Iterator[Check]:
    """Give the check of where the model is weak, and with a baseline's predictions that of where it got worse.

    A search that cannot be made is errored.
    """
    before = None if found is None else found.predicted.get(measured.name)
    for part, what in (("weak-slices", "the model is weak"), ("slices-got-worse", "the model got worse")):
        search = _Search(measured=measured, asked=asked, part=part, what=what)
        try:
            if part == "weak-slices":
                yield _weak_slices(search)
            elif before is not None:
                yield _worse_slices(search, before)
        except CannotRun as error:
            yield search.check("errored", "slices could not be looked for", error.says)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Search:
    """One of the two searches of one model."""

    measured: Measured
    asked: FindSlices
    part: str
    what: str

    def check(self, status: Status, summary: str, reason: str | None = None, **details: Any) -> Check:
        """Return the check of this search."""
        return Check(
            id=f"model.{self.measured.name}.{self.part}",
            status=status,
            severity=self.asked.severity,
            summary=summary,
            reason=reason,
            where=self.measured.where("find-slices"),
            details={"n": len(self.measured.evaluation), **details},
        )

    def among(self, members: Sequence[int], errors: Sequence[float], told: Callable[[Slice], str]) -> Check:
        """Search the examples at `members`, whose errors are given, and judge what is found."""
        least = self.asked.min_size
        if len(members) < 2 * least:
            said = f"{count(len(members), 'example')} are too few to look for slices of {least}"
            return self.check("inconclusive", said, said)
        rows = self.measured.evaluation.rows
        frame = {name: _column([rows[at][name] for at in members]) for name in self.columns()}
        slices = find_slices(
            frame,
            errors,
            min_size=least,
            max_depth=self.asked.conditions,
            false_alarm_rate=self.asked.false_alarm_rate,
            seed=self.measured.model.seed,
        )
        return self.judged([each for each in slices if each.error_rate > 0], told)

    def columns(self) -> Sequence[str]:
        """Return the columns to look at; raise `UsageError` for one that is not there."""
        row, evaluate = self.measured.evaluation.rows[0], self.measured.model.evaluate
        if self.asked.columns is None:
            left_out = () if evaluate is None else (evaluate.id, evaluate.group, evaluate.label)
            return [name for name in row if name not in left_out]
        for name in self.asked.columns:
            if name not in row:
                what = f'{self.measured.evaluation.shown} has no column "{name}"'
                where = self.measured.where("find-slices", "columns")
                raise UsageError(what, where=where, fix=did_you_mean(name, row))
        return self.asked.columns

    def judged(self, slices: Sequence[Slice], told: Callable[[Slice], str]) -> Check:
        """Return the check of the slices that were found."""
        if not slices:
            return self.check("passed", f"no part of the examples is seen where {self.what}")
        more = f"; and {len(slices) - _MOST_TOLD} more" if len(slices) > _MOST_TOLD else ""
        reason = f"{self.what}: {'; '.join(map(told, slices[:_MOST_TOLD]))}{more}"
        summary = f"{self.part.replace('-', ' ')} ({len(slices)})"
        return self.check(failed_or_warned(self.asked.severity), summary, reason, slices=list(map(_listed, slices)))


def _weak_slices(search: _Search) -> Check:
    evaluation = search.measured.evaluation
    found = losses(evaluation.labels, _said(search.measured), numbers=of_numbers(search.measured))
    return search.among(range(len(evaluation)), found.values, lambda each: _weak(each, found))


def _worse_slices(search: _Search, before: Predicted) -> Check:
    """Compare the examples that both sides have, matched by id; those whose label changed are left out."""
    evaluation, columns = search.measured.evaluation, before.columns
    numbers, said = of_numbers(search.measured), _said(search.measured)
    old = {key: at for at, key in enumerate(columns["id"])}
    pairs = [(at, old[key]) for at, key in enumerate(evaluation.ids) if key in old]
    pairs = [(at, then) for at, then in pairs if columns["label"][then] == evaluation.labels[at]]
    labels = [evaluation.labels[at] for at, _ in pairs]
    now = losses(labels, [said[at] for at, _ in pairs], numbers=numbers)
    past = losses(labels, [columns["prediction"][then] for _, then in pairs], numbers=numbers)
    change = [new - earlier for new, earlier in zip(now.values, past.values, strict=True)]
    return search.among([at for at, _ in pairs], change, lambda each: _worse(each, now, sum(change)))


def _said(measured: Measured) -> list[Any]:
    if measured.predictions and measured.predictions[0].outputs is not None:
        raise CannotRun("slices are found for models of one output, and this one has several")
    return [one.label for one in measured.predictions]


def _column(values: Sequence[Any]) -> Any:
    import numpy as np

    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _weak(each: Slice, found: Losses) -> str:
    here, elsewhere = pair(each.error_rate, each.error_rate_outside)
    return f"where {each.name} ({count(each.n, 'example')}) the {found.called} is {here}, {elsewhere} elsewhere"


def _worse(each: Slice, now: Losses, total: float) -> str:
    share = each.n * each.error_rate / total if total > 0 else 0.0
    rise = f"the {now.called} rose by {number(each.error_rate)}"
    if share >= _ALL:
        return f"all of it where {each.name} ({count(each.n, 'example')}): {rise}"
    of_all = f", {percent(round(share, 2))} of all that got worse" if share > 0 else ""
    return f"where {each.name} ({count(each.n, 'example')}) {rise}{of_all}"


def _listed(each: Slice) -> dict[str, Any]:
    return {
        "slice": each.name,
        "n": each.n,
        "mean error": number(each.error_rate),
        "elsewhere": number(each.error_rate_outside),
        "adjusted p": f"{each.adjusted_p_value:.2g}",
        "sql": each.sql,
    }
