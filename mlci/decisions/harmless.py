"""Harmless changes of a model, drawn at random: what a test set makes of them shows what it can tell.

A wrong and a right example of one class exchange what is said of them, so that every number that depends on labels and
predictions alone stays what it is; for numbers on a scale, two examples exchange their errors. The examples are then
drawn anew with replacement (Efron 1979), since another test set would have had others.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlci.model.paired import Predicted

_PREDICTION = "prediction"


def harmless_change(said: Predicted, *, changed: float, seed: int) -> tuple[Predicted, Predicted]:
    """Return a model before and after a harmless change of at most the share `changed` of its predictions."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    partner = _partners(said, changed, rng)
    n = len(said.columns["label"])
    drawn = rng.choices(range(n), k=n)
    own = {"id", "label", *said.slices.values()}
    after = _exchanged_errors(said, partner) if _on_a_scale(said) else None
    before, now = {}, {}
    for name, column in said.columns.items():
        moved: Sequence[Any] = column if name in own else [column[at] for at in partner]
        moved = after if after is not None and name == _PREDICTION else moved
        before[name] = [column[at] for at in drawn]
        now[name] = [moved[at] for at in drawn]
    before["id"] = now["id"] = list(range(n))
    return replace(said, columns=before), replace(said, columns=now)


def _on_a_scale(said: Predicted) -> bool:
    columns: Mapping[str, Sequence[Any]] = said.columns
    return any(isinstance(one, float) and not one.is_integer() for one in (*columns["label"], *columns[_PREDICTION]))


def _partners(said: Predicted, changed: float, rng: random.Random) -> list[int]:
    """Return whose prediction each example has after the change: its own, or that of its partner."""
    n = len(said.columns["label"])
    partner = list(range(n))
    for one, other in _pairs(said, changed, rng):
        partner[one], partner[other] = other, one
    return partner


def _pairs(said: Predicted, changed: float, rng: random.Random) -> list[tuple[int, int]]:
    labels, predictions = said.columns["label"], said.columns[_PREDICTION]
    wanted = round(changed * len(labels) / 2)
    if _on_a_scale(said):
        order = rng.sample(range(len(labels)), k=min(2 * wanted, len(labels) // 2 * 2))
        return list(zip(order[::2], order[1::2], strict=True))
    right: dict[Any, list[int]] = defaultdict(list)
    wrong: dict[Any, list[int]] = defaultdict(list)
    for at, (label, prediction) in enumerate(zip(labels, predictions, strict=True)):
        (right if label == prediction else wrong)[label].append(at)
    found = []
    for label, mistaken in wrong.items():
        size = min(len(mistaken), len(right[label]))
        found += list(zip(rng.sample(mistaken, size), rng.sample(right[label], size), strict=True))
    return rng.sample(found, min(wanted, len(found)))


def _exchanged_errors(said: Predicted, partner: Sequence[int]) -> list[float]:
    labels, predictions = said.columns["label"], said.columns[_PREDICTION]
    errors = [float(prediction) - float(label) for label, prediction in zip(labels, predictions, strict=True)]
    return [float(label) + errors[at] for label, at in zip(labels, partner, strict=True)]
