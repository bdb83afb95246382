"""The comparison of a run: what it is compared with, the decision, and the files that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlci.results.decision import Trend, Waived
from mlci.results.model import Anchor, Comparison, Receipt, Status
from mlci.results.training import Training

if TYPE_CHECKING:
    from mlci.baselines.model import Found
    from mlci.code.record import CodeRecord
    from mlci.gates import Outcome
    from mlci.model.paired import Predicted
    from mlci.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What came of comparing a run, and what with; nothing where nothing was compared."""

    comparison: Comparison | None = None
    base: str | None = None
    """The commit of the last merge."""
    receipt: Receipt | None = None
    anchor: Anchor | None = None
    waivers: tuple[Waived, ...] = ()
    history: tuple[Trend, ...] = ()

    @property
    def statuses(self) -> list[Status]:
        """How each part of it ended."""
        comparisons = [self.comparison] + ([self.anchor.comparison] if self.anchor else [])
        return [*(one.status for one in comparisons if one), *(one.status for one in self.waivers)]


def decided_of(request: Request, outcomes: Sequence[Outcome]) -> Decided:
    """Compare what the gates of a run gave with its baselines, and say what that means."""
    settings = request.loaded.config.baseline
    metrics = tuple(metric for outcome in outcomes for metric in outcome.metrics)
    if settings is None and any(metric.max_drop is not None for metric in metrics):
        reason = "mlci.yaml has limits on drops and no `baseline:`, so nothing was compared"
        return Decided(comparison=Comparison(status="skipped", reason=reason))
    if (settings is None and request.base is None) or not (metrics or settings):
        return Decided()
    found = request.baseline
    if found is None:
        return Decided(base=request.base_commit.commit)
    return _judged(request, outcomes, found)


def _judged(request: Request, outcomes: Sequence[Outcome], found: Found) -> Decided:
    from mlci.changed.when import numbers_left_out
    from mlci.decisions.churn import write
    from mlci.decisions.decide import Against, Candidate, decide
    from mlci.decisions.trend import trends
    from mlci.decisions.waiver_file import read_waivers

    config, runs = request.loaded.config, request.history
    candidate = Candidate(
        metrics=tuple(metric for outcome in outcomes for metric in outcome.metrics),
        fingerprints=fingerprints_of(outcomes),
        predicted=predicted_of(outcomes),
        code=code_of(outcomes),
        whole=request.files is None and not request.gates,
        trainings=trainings_of(outcomes),
        lost=frozenset(outcome.gate.name for outcome in outcomes if outcome.gate.status == "errored")
        | numbers_left_out(outcome.gate for outcome in outcomes),
    )
    against = Against(last=found, anchor=request.anchor, runs=runs)
    accepted = read_waivers(config.waivers, request.loaded.root)
    decision = decide(candidate, against, config, accepted=accepted, today=request.now.date())
    try:
        files = write(request.out, decision.changed)
    except OSError as error:
        request.progress(f"the changed examples could not be written: {error.strerror}")
        files = {}
    churn = tuple(replace(one, file=files.get(one.model)) for one in decision.comparison.churn)
    return Decided(
        comparison=replace(decision.comparison, churn=churn),
        base=request.base_commit.commit,
        receipt=found.receipt,
        anchor=decision.anchor,
        waivers=decision.waivers,
        history=tuple(trends(runs, candidate.metrics, candidate.fingerprints)),
    )


def fingerprints_of(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return the digests of all evaluation data and metric code."""
    return {key: value for outcome in outcomes for key, value in outcome.fingerprints.items()}


def predicted_of(outcomes: Sequence[Outcome]) -> dict[str, Predicted]:
    """Return what the models of all gates said of their examples and cases."""
    return {name: said for outcome in outcomes for name, said in outcome.predicted.items()}


def trainings_of(outcomes: Sequence[Outcome]) -> dict[str, tuple[Training, ...]]:
    """Return the numbers of each training of a recipe, by model."""
    return {name: each for outcome in outcomes for name, each in outcome.trainings.items()}


def code_of(outcomes: Sequence[Outcome]) -> CodeRecord | None:
    """Return how each test ended, where the code gate ran."""
    return next((outcome.code for outcome in outcomes if outcome.code is not None), None)
