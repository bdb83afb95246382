"""From the predictions of a test's cases to its result."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, NamedTuple

from mlci.errors import CannotRun, UsageError
from mlci.model.behaviour.adversarial.result import searched
from mlci.model.behaviour.cases import Case, Cases
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.result import Example, TestResult
from mlci.model.behaviour.suite import Test
from mlci.model.behaviour.verdict import decide, pair_interval, percent
from mlci.model.predictions import Prediction

Ask = Callable[[Any], Prediction]
"""Returns the prediction for an input; raises `CannotRun` when there is none."""


class Adversary(NamedTuple):
    """What an adversarial search asks the model with."""

    ask: Callable[[Sequence[Any]], Sequence[Prediction]]
    """Returns the predictions for new inputs; raises `CannotRun` when there are none."""
    images: Images


def judged(test: Test, built: Cases, ask: Ask, adversary: Adversary | None = None) -> TestResult:
    """Judge every case of `test`; a test without cases fails, one that cannot be judged is errored.

    A test of the type `adversarial` needs the `adversary`, since it asks the model about inputs that it makes up.
    """
    if not built.cases:
        return _ended(test, built, "failed", _why_empty(built))
    if test.search is not None:
        return _attacked(test, built, ask, adversary)
    tally = _Tally(test=test)
    try:
        tally.gather(built.cases, ask)
        for case in built.cases:
            tally.add(case, ask)
        return tally.result(built)
    except (CannotRun, UsageError) as error:
        return _ended(test, built, "errored", error.says)


def _attacked(test: Test, built: Cases, ask: Ask, adversary: Adversary | None) -> TestResult:
    if adversary is None:
        return _ended(test, built, "skipped", "a search asks the model itself, and there are predictions only")
    try:
        found = searched(test, built, ask, adversary.ask, adversary.images)
    except (CannotRun, UsageError) as error:
        return _ended(test, built, "errored", error.says)
    return _ended(test, built, "failed", found) if isinstance(found, str) else found


def errored(test: Test, reason: str) -> TestResult:
    """Return the result of a test that could not be run."""
    return _ended(test, Cases(cases=()), "errored", reason)


def _why_empty(built: Cases) -> str:
    if built.no_ops:
        return f"nothing was tested: each of {built.no_ops} changed inputs equals its original"
    return "nothing was tested: the test has no cases"


def _ended(test: Test, built: Cases, status: Any, reason: str) -> TestResult:
    return TestResult(
        name=test.name, type=test.type, capability=test.capability, status=status, reason=reason, limit=test.limit,
        cases=len(built.cases), not_applicable=len(built.cases) if status == "failed" else 0,
        no_ops=built.no_ops, duplicates=built.duplicates, missing=built.missing,
        severity=test.severity, where=test.where,
    )  # fmt: skip


class _Tally:
    """Counts what holds and what does not."""

    def __init__(self, *, test: Test) -> None:
        self.test = test
        self.failures: list[bool] = []
        self.judged: list[tuple[Case, bool | None]] = []
        self.clusters: list[Hashable] = []
        self.not_applicable = 0
        self.pairs: list[int] = []
        self.failed_pairs: list[int] = []
        self.examples: list[Example] = []

    def gather(self, cases: Sequence[Case], ask: Ask) -> None:
        """Ask functions of the project's own about all cases together; nothing where the test uses none."""
        if self.test.questions is not None:
            self.test.questions.gather(partial(self._answers, case, self._predictions(case, ask)) for case in cases)

    def _predictions(self, case: Case, ask: Ask) -> tuple[Prediction, ...]:
        if self.test.questions is None:
            return tuple(map(ask, case.inputs))
        return tuple(ask(value)._replace(of=value) for value in case.inputs)

    def add(self, case: Case, ask: Ask) -> None:
        """Judge one case."""
        predictions = self._predictions(case, ask)
        answers = self._answers(case, predictions)
        known = answers if None not in answers else tuple(answer for answer in answers if answer is not None)
        if not known:
            self.not_applicable += 1
            self.judged.append((case, None))
            return
        failed = False in known
        self.pairs.append(len(known))
        self.failed_pairs.append(known.count(False) if failed else 0)
        self.failures.append(failed)
        self.judged.append((case, not failed))
        self.clusters.append(case.cluster)
        if failed:
            self._keep(case, predictions, answers)

    def _answers(self, case: Case, predictions: tuple[Prediction, ...]) -> tuple[bool | None, ...]:
        test = self.test
        if test.only_if is not None and test.only_if(predictions[:1], case.label) == (False,):
            return ()
        return (case.judge or test.judge)(predictions, case.label)

    def _keep(self, case: Case, predictions: tuple[Prediction, ...], answers: tuple[bool | None, ...]) -> None:
        inputs, source, label = case.inputs, case.source, case.label
        original, before = None, None
        if len(answers) < len(predictions):
            original, before, inputs, predictions = inputs[0], predictions[0], inputs[1:], predictions[1:]
        self.examples += [
            Example(source, value, prediction, original, before, label)
            for answer, value, prediction in zip(answers, inputs, predictions, strict=True)
            if answer is False
        ]

    def result(self, built: Cases) -> TestResult:
        test, failed = self.test, sum(self.failures)
        if not self.failures:
            reason = f"nothing was tested: none of the {len(built.cases)} cases applies"
            return _ended(test, built, "failed", reason)
        decision = decide(self.failures, self.clusters, test.limit)
        return TestResult(
            name=test.name, type=test.type, capability=test.capability, status=decision.status,
            cases=len(built.cases), not_applicable=self.not_applicable, failed_cases=failed,
            pairs=sum(self.pairs), failed_pairs=sum(self.failed_pairs), interval=decision.interval,
            pair_interval=pair_interval(self.failed_pairs, self.pairs, self.clusters),
            limit=test.limit, rule=decision.rule, needed=decision.needed,
            no_ops=built.no_ops, duplicates=built.duplicates, missing=built.missing,
            examples=tuple(self.examples), judged=tuple(self.judged), expects=test.expects,
            severity=test.severity, where=test.where,
            notes=_notes(test, built),
            reason=_reason(failed, len(self.failures), test.limit, decision.status, decision.needed),
        )  # fmt: skip


def _notes(test: Test, built: Cases) -> tuple[str, ...]:
    if test.chains or not built.no_ops:
        return ()
    return (f"{built.no_ops} of the variants that were written equal their original: they pass for nothing",)


def _reason(failed: int, applicable: int, limit: float, status: str, needed: int | None) -> str | None:
    if status == "passed":
        return None
    share = f"{failed} of {applicable} cases fail ({failed / applicable:.1%})"
    if limit == 0:
        return f"{share}, and none may"
    if status == "failed":
        return f"{share}, more than {percent(limit)} may"
    takes = f"it would take {needed:,} cases" if needed else "no number of cases would show it at this rate"
    return f"{share}: too few to tell whether that is more than {percent(limit)}; {takes}"
