"""Asking a model again about one example that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.errors import MlciError
from mlci.model.behaviour.cases import Case, Cases
from mlci.model.behaviour.judge import judged
from mlci.model.behaviour.report import example_id
from mlci.model.behaviour.result import TestResult
from mlci.model.behaviour.suite import Suite, Test
from mlci.model.predictions import Prediction

Ask = Callable[[Sequence[Any]], Sequence[Prediction]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The case that an example is of."""

    suite: Suite
    test: Test
    case: Case
    value: Any
    """The input that failed."""
    compared: bool
    """Whether it was judged beside its original."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What the model says now."""

    found: Found
    prediction: Prediction
    original: Prediction | None
    result: TestResult
    """The test on this case alone."""


def look_for(name: str, suite: Suite, built: Sequence[Cases | MlciError]) -> Found | None:
    """Return the case of `suite` that has the example called `name`, or None."""
    for test, cases in zip(suite.tests, built, strict=True):
        for case, value, original, compared in _examples(cases):
            if example_id(suite.name, test.name, original, value) == name:
                return Found(suite=suite, test=test, case=case, value=value, compared=compared)
    return None


def _examples(cases: Cases | MlciError) -> Iterator[tuple[Case, Any, Any, bool]]:
    """Give every input as it may have failed: beside the original of its case, or by itself."""
    for case in cases.cases if isinstance(cases, Cases) else ():
        yield from ((case, value, None, False) for value in case.inputs)
        yield from ((case, value, case.inputs[0], True) for value in case.inputs[1:])


def replay(found: Found, ask: Ask) -> Replayed:
    """Ask about every input of the case and judge it; raise `CannotRun` where the model gives no answer."""
    inputs = found.case.inputs
    said = list(ask(inputs))
    at = inputs.index(found.value)
    answers = {id(value): one for value, one in zip(inputs, said, strict=True)}
    result = judged(found.test, Cases(cases=(found.case,)), lambda value: answers[id(value)])
    original = said[0] if found.compared else None
    return Replayed(found=found, prediction=said[at], original=original, result=result)
