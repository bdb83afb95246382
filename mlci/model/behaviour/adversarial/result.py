"""From the searches of a test to its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from mlci.model.behaviour.adversarial.edits import changes_of
from mlci.model.behaviour.adversarial.search import Ask, Attack, applicable, attacked
from mlci.model.behaviour.cases import Cases
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.result import Example, TestResult
from mlci.model.behaviour.suite import Test
from mlci.model.behaviour.verdict import Decision, decide, percent
from mlci.model.predictions import Prediction


def searched(
    test: Test, built: Cases, ask: Callable[[Any], Prediction], ask_all: Ask, images: Images
) -> TestResult | str:
    """Attack every case that is right to begin with; return why nothing was tested where there is none.

    `ask` returns the prediction of an unchanged input, `ask_all` those of new ones. Raises `CannotRun` when the model
    cannot be asked, or when inputs cannot be changed in the way that the test says.
    """
    assert test.search is not None  # noqa: S101 - a test of this type has a search
    said = [(case, ask(case.inputs[0])) for case in built.cases]
    right = [(case, one) for case, one in said if applicable(test, case, one)]
    changes = changes_of(test.search, [case.inputs[0] for case, _ in right], images)
    possible = [(case, one) for case, one in right if changes.places(case.inputs[0])]
    if not possible:
        return f"nothing was tested: none of the {len(built.cases)} cases is right to begin with and can be changed"
    found = attacked(test, possible, changes, ask_all)
    decision = decide([one.flipped is not None for one in found], [one.case.cluster for one in found], test.limit)
    return _result(test, built, found, decision)


def _result(test: Test, built: Cases, found: Sequence[Attack], decision: Decision) -> TestResult:
    flipped = [one for one in found if one.flipped is not None]
    turned = {id(one.case): one.flipped is None for one in found}
    return TestResult(
        name=test.name, type=test.type, capability=test.capability, status=decision.status,
        cases=len(built.cases), not_applicable=len(built.cases) - len(found), failed_cases=len(flipped),
        pairs=len(found), failed_pairs=len(flipped), interval=decision.interval, pair_interval=decision.interval,
        limit=test.limit, rule=decision.rule, needed=decision.needed, no_ops=built.no_ops, duplicates=built.duplicates,
        missing=built.missing, judged=tuple((case, turned.get(id(case))) for case in built.cases), expects=test.expects,
        severity=test.severity, where=test.where, notes=_notes(found, flipped),
        examples=tuple(map(_example, sorted(flipped, key=lambda one: len(one.flipped or ())))),
        reason=_reason(len(flipped), len(found), test.limit, decision),
    )  # fmt: skip


def _example(one: Attack) -> Example:
    assert one.prediction is not None  # noqa: S101 - set together with what flips the case
    return Example(
        source=one.case.source, input=one.variant, prediction=one.prediction, original=one.case.inputs[0],
        original_prediction=one.original, label=one.case.label,
    )  # fmt: skip


def _notes(found: Sequence[Attack], flipped: Sequence[Attack]) -> tuple[str, ...]:
    asked = f"the search asked the model about {sum(one.calls for one in found):,} changed inputs"
    if not flipped:
        return (asked,)
    sizes = [len(one.flipped or ()) for one in flipped]
    return (
        asked,
        f"smallest changes that turn an answer: {min(sizes)} edits at least, {median(sizes):g} in the middle",
    )


def _reason(flipped: int, cases: int, limit: float, decision: Decision) -> str | None:
    if decision.status == "passed":
        return None
    share = f"{flipped} of {cases} cases can be turned ({flipped / cases:.1%})"
    if decision.status == "failed":
        return f"{share}, {f'more than {percent(limit)} may' if limit else 'and none may'}"
    takes = f"it would take {decision.needed:,} cases" if decision.needed else "no number of cases would show it"
    return f"{share}: too few to tell whether that is more than {percent(limit)}; {takes}"
