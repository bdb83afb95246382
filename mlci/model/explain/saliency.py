"""What an answer hangs on: each word of a text, or each square of an image, is left out once (occlusion).

Zeiler and Fergus 2014 for images, Li, Monroe and Jurafsky 2016 for words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlci.config.explain import Saliency
from mlci.model.behaviour.adversarial.edits import square
from mlci.model.behaviour.adversarial.search import confidence
from mlci.model.behaviour.images import Images
from mlci.model.explain import Ask
from mlci.model.predictions import Prediction

_WORD = re.compile(r"\w[\w'’-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A word or a square, and what the answer loses without it."""

    place: tuple[int, ...]
    """Start and end of a word in its text, or column and row of a square."""
    name: str
    """The word itself; empty for a square."""
    weight: float
    """How much less probable the answer is without it (how far a number moves); 1 or 0 for labels alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One input with the weight of each of its parts."""

    input: str
    prediction: Prediction
    parts: tuple[Part, ...]

    @property
    def first(self) -> Part | None:
        """The part that the answer hangs on most; None where it hangs on none alone."""
        best = max(self.parts, key=lambda part: part.weight, default=None)
        return best if best is not None and best.weight > 0 else None


def explain_inputs(asked: Saliency, ask: Ask, images: Images) -> tuple[Explained, ...]:
    """Return each input with the weights of its parts; everything is asked in one go.

    Raises `CannotRun` where an image cannot be read or the model cannot be asked.
    """
    plans = [list(_without(asked, one, images)) for one in asked.inputs]
    wanted = [*asked.inputs, *(changed for plan in plans for _place, _name, changed in plan)]
    answers = iter(ask([one if asked.column is None else {asked.column: one} for one in wanted]))
    originals = [next(answers) for _ in asked.inputs]
    return tuple(
        Explained(
            input=one,
            prediction=said,
            parts=tuple(
                Part(place=place, name=name, weight=_weight(said, next(answers))) for place, name, _changed in plan
            ),
        )
        for one, said, plan in zip(asked.inputs, originals, plans, strict=True)
    )


def _without(asked: Saliency, one: str, images: Images) -> Iterator[tuple[tuple[int, ...], str, str]]:
    """Yield each part of an input with the input as it is without that part."""
    if asked.of == "text":
        for word in _WORD.finditer(one):
            left = " ".join((one[: word.start()] + one[word.end() :]).split())
            yield word.span(), word.group(), left
        return
    for row in range(asked.grid):
        for column in range(asked.grid):
            yield (column, row), "", images.changed(one, partial(_covered, grid=asked.grid, at=(column, row)))


def _covered(image: Any, *, grid: int, at: tuple[int, int]) -> Any:
    """Return an image with one square in the mean colour of the whole."""
    from PIL import ImageStat

    changed = image.copy()
    mean = tuple(round(level) for level in ImageStat.Stat(image).mean)
    changed.paste(mean[0] if image.mode == "L" else mean, square(image.size, grid, *at))
    return changed


def _weight(original: Prediction, said: Prediction) -> float:
    if original.probabilities is None and original.value is None:
        return float(said.label != original.label)
    if original.probabilities is None and isinstance(original.label, int):
        return float(said.label != original.label)
    return confidence(original, original) - confidence(original, said)


def on_what_is_not_allowed(asked: Saliency, found: Sequence[Explained]) -> tuple[bool, ...]:
    """Return for each input whether its answer hangs most on a word, or a place, that it must not hang on."""
    words = {word.lower() for word in asked.not_on}
    return tuple(one.first is not None and _forbidden(asked, one.first, words) for one in found)


def _forbidden(asked: Saliency, part: Part, words: set[str]) -> bool:
    if asked.of == "text":
        return part.name.lower() in words
    if asked.not_in is None:
        return False
    left, top, right, bottom = asked.not_in
    x, y = ((at + 0.5) / asked.grid for at in part.place)
    return left <= x <= right and top <= y <= bottom
