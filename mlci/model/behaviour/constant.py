"""Whether a suite tells a model from one that always gives the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlci.errors import CannotRun
from mlci.model.behaviour.cases import Cases
from mlci.model.behaviour.suite import Test
from mlci.model.predictions import Prediction

MOST = 20
"""At most so many constant answers are tried."""


def constant_that_passes(
    tests: Sequence[Test], built: Sequence[Cases], seen: Iterable[Prediction]
) -> Prediction | None:
    """Return a prediction among those `seen` that, given to every input, passes every case of every test.

    One is tried for each label, for numbers the smallest, the middle and the largest.
    """
    pairs = [pair for pair in zip(tests, built, strict=True) if pair[1].cases]
    # Invariance holds for every constant: what can fail is asked first.
    pairs.sort(key=lambda pair: pair[0].type in ("INV", "adversarial"))
    return next((one for one in _candidates(seen) if pairs and all(_passes(*pair, one) for pair in pairs)), None)


def _candidates(seen: Iterable[Prediction]) -> list[Prediction]:
    by_label = {one.label: one for one in seen}
    candidates = list(by_label.values())
    if len(candidates) <= MOST:
        return candidates
    if candidates[0].value is None:
        return candidates[:MOST]
    ordered = sorted(candidates, key=lambda one: one.value or 0.0)
    return [ordered[0], ordered[len(ordered) // 2], ordered[-1]]


def _passes(test: Test, built: Cases, constant: Prediction) -> bool:
    try:
        return test.type == "adversarial" or all(
            answer is not False
            for case in built.cases
            for answer in (case.judge or test.judge)((constant,) * len(case.inputs), case.label)
        )
    except CannotRun:
        return False
