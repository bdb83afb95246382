"""Predictions before and after a change, drawn at random, whose true drops are known."""
# ruff: noqa: PLR2004 - a simulation is made of numbers

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Frame = dict[str, np.ndarray]
POSITIVE, SEPARATION, SAME = 0.283, 1.574, 0.96


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change does: how much less the classes are apart, over all examples and in the first slice."""

    name: str
    everywhere: float = 0.0
    one_slice: float = 0.0
    higher: float = 0.25
    """How much all scores rise, as a share of that."""
    apart: float = SEPARATION
    same: float = SAME
    positive: float = POSITIVE


CHANGES = (
    Change(name="no regression"),
    Change(name="global drop", everywhere=0.11),
    Change(name="one 10 % slice", one_slice=0.267, higher=0.29),
    Change(name="accuracy .83", apart=1.75, same=0.962, positive=0.28),
    Change(name="accuracy .83, global", everywhere=0.12, apart=1.75, same=0.962, positive=0.28),
    Change(name="accuracy .83, slice", one_slice=0.29, apart=1.75, same=0.962, positive=0.28),
    Change(name="accuracy .84", apart=1.75, same=0.9581),
    Change(name="accuracy .84, slice", one_slice=0.2984, higher=0.3, apart=1.75, same=0.9581),
    Change(name="accuracy .87", apart=2.087, same=0.9478),
    Change(name="accuracy .87, slice", one_slice=0.3852, higher=0.3, apart=2.087, same=0.9478),
    Change(name="accuracy .81, slice", one_slice=0.25, apart=1.5, same=0.972, positive=0.28),
)
"""The first three lose what they are asked to lose; accuracy 0.82, and 95 % of the predictions stay the same."""


def binary(random: np.random.Generator, n: int, change: Change, positive: float | None = None) -> tuple[Frame, Frame]:
    """Draw a binary classifier before and now: scores of both classes are normal and correlated between the two."""
    positive = change.positive if positive is None else positive
    truth = random.random(n) < positive
    part = random.choice(9, n, p=[0.1] + [0.9 / 8] * 8)
    noise = random.normal(size=n)
    closer = change.everywhere + change.one_slice * (part == 0)
    other = change.same * noise + np.sqrt(1 - change.same**2) * random.normal(size=n)
    cut = change.apart / 2 + np.log((1 - positive) / positive) / change.apart
    shared = {"id": np.arange(n), "label": truth.astype(int), "part": part}

    def frame(score: np.ndarray) -> Frame:
        sure = 1 / (1 + np.exp((cut - score) * change.apart))
        return {**shared, "prediction": (score > cut).astype(int), "score": sure}

    return frame(change.apart * truth + noise), frame((change.apart - closer) * truth + change.higher * closer + other)


def many_classes(random: np.random.Generator, n: int, classes: int) -> tuple[Frame, Frame]:
    """Draw two classifiers of equal quality over classes of unequal frequency."""
    shares = np.arange(1, classes + 1) / sum(range(1, classes + 1))
    truth = random.choice(classes, n, p=shares)

    def predicted(base: np.ndarray, share: float) -> np.ndarray:
        return np.where(random.random(n) < share, random.choice(classes, n, p=shares), base)

    common = predicted(truth, 0.2)
    return tuple({"id": np.arange(n), "label": truth, "prediction": predicted(common, 0.04)} for _ in range(2))  # type: ignore[return-value]


def regression(random: np.random.Generator, n: int, *, heavy: bool) -> tuple[Frame, Frame]:
    """Draw two regressors of equal quality whose errors are correlated, with heavy tails or without."""
    truth, common = random.normal(size=n) * 3, random.standard_t(4, n) if heavy else random.normal(size=n)

    def frame() -> Frame:
        own = random.standard_t(4, n) if heavy else random.normal(size=n)
        return {"id": np.arange(n), "label": truth, "prediction": truth + common + 0.3 * own}

    return frame(), frame()


def tied(random: np.random.Generator, n: int) -> tuple[Frame, Frame]:
    """Draw two classifiers whose scores take five values."""
    before, now = binary(random, n, CHANGES[0])
    return tuple({**frame, "score": np.round(frame["score"] * 4) / 4} for frame in (before, now))  # type: ignore[return-value]


def skilled(frame: Frame, skill: np.ndarray) -> Frame:
    """Move every score towards its label or away from it, by how well the model does on the example's cluster."""
    logit = np.log(frame["score"] / (1 - frame["score"])) + skill * (2 * frame["label"] - 1)
    return {**frame, "score": 1 / (1 + np.exp(-logit)), "prediction": (logit > 0).astype(int)}


def suites(random: np.random.Generator) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draw two behaviour suites of 200 cases of which 3 % change either way."""

    def suite() -> tuple[np.ndarray, np.ndarray]:
        passed = random.random(200) < 0.9
        flipped = random.random(200) < np.where(passed, 0.03 / 0.9, 0.03 / 0.1) / 2
        return passed, passed ^ flipped

    return {"negation": suite(), "typos": suite()}
