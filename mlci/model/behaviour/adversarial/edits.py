"""The small changes that an adversary may put together: misspelt words, steps of a column, squares of an image."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from mlci.errors import CannotRun, did_you_mean
from mlci.model.behaviour.adversarial.settings import Search
from mlci.model.behaviour.images import Images
from mlci.perturbations import find
from mlci.perturbations.tabular import is_number
from mlci.perturbations.words import like

_WORD = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]+)?")
_SLIPS = ("swap", "delete", "insert", "neighbour")
MOST_CHANGES = {"text": 3, "row": 10, "image": 4}


class Edit(NamedTuple):
    """One small change."""

    place: Hashable
    """What it changes: the position of a word, a column, or a square."""
    to: Any
    """The new word, the step (in steps up or down) or the new value; nothing for a square, which is covered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What can be changed in inputs of one kind."""

    most: int
    """How many edits may be made at once."""
    places: Callable[[Any], list[Hashable]]
    """Returns what of an input can be changed."""
    edits: Callable[[Any, Hashable, Random], list[Edit]]
    """Returns edits of one place, the likelier ones first."""
    apply: Callable[[Any, Sequence[Edit]], Any]
    """Returns an input after edits."""
    again: bool = False
    """Whether a place may be changed more than once."""


def changes_of(search: Search, inputs: Sequence[Any], images: Images) -> Changes:
    """Return what may be changed in `inputs`; raise `CannotRun` where their kind cannot be changed so."""
    of = search.of or ("row" if search.column is None and all(isinstance(one, Mapping) for one in inputs) else "text")
    if of == "row":
        found = _of_rows(search, inputs)
    else:
        found = _of_images(search, images) if of == "image" else _of_texts(search)
        found = found if search.column is None else _in_column(found, search.column)
    return replace(found, most=search.changes or MOST_CHANGES[of])


def _in_column(inner: Changes, column: str) -> Changes:
    def value(row: Any) -> Any:
        if not isinstance(row, Mapping) or column not in row:
            advice = did_you_mean(column, row) if isinstance(row, Mapping) else ""
            raise CannotRun(f'the inputs have no column "{column}"', fix=advice)
        return row[column]

    return Changes(
        most=inner.most,
        places=lambda row: inner.places(value(row)),
        edits=lambda row, place, rng: inner.edits(value(row), place, rng),
        apply=lambda row, edits: {**row, column: inner.apply(value(row), edits)},
    )


def _of_texts(search: Search) -> Changes:
    keep = {word.lower() for word in search.keep}

    def words(text: Any) -> list[re.Match[str]]:
        if not isinstance(text, str):
            raise CannotRun("the search changes texts, and the inputs are not", fix="Name the `column` of the text.")
        return list(_WORD.finditer(text))

    def places(text: Any) -> list[Hashable]:
        return [at for at, word in enumerate(words(text)) if changeable(word.group())]

    def changeable(word: str) -> bool:
        if word.lower() in keep:
            return False
        return bool(search.characters and len(word) > 2) or word.lower() in search.synonyms  # noqa: PLR2004

    def edits(text: Any, place: Any, rng: Random) -> list[Edit]:
        word = words(text)[place].group()
        known = [like(word, other) for other in search.synonyms.get(word.lower(), ())]
        slips = rng.sample(_SLIPS, len(_SLIPS)) if search.characters and len(word) > 2 else ()  # noqa: PLR2004
        typos = find("typos")
        others = [*rng.sample(known, len(known)), *(typos(word, rng, kind=kind) for kind in slips)]
        return [Edit(place, other) for other in dict.fromkeys(others) if other != word]

    def apply(text: Any, made: Sequence[Edit]) -> str:
        found = words(text)
        for place, other in sorted(made, key=lambda edit: -int(str(edit.place))):
            word = found[int(str(place))]
            text = text[: word.start()] + other + text[word.end() :]
        return str(text)

    return Changes(most=0, places=places, edits=edits, apply=apply)


def _of_rows(search: Search, inputs: Sequence[Any]) -> Changes:
    if not all(isinstance(one, Mapping) for one in inputs):
        raise CannotRun("the search changes rows, and the inputs are not")
    steps = dict(search.steps) or _learned(inputs, search.keep)
    if missing := next((name for name in steps if any(name not in row for row in inputs)), None):
        raise CannotRun(f'the rows have no column "{missing}"', fix=did_you_mean(missing, inputs[0]))

    def places(row: Any) -> list[Hashable]:
        return [name for name, step in steps.items() if isinstance(step, list) or is_number(row[name])]

    def edits(row: Any, place: Any, rng: Random) -> list[Edit]:
        step = steps[place]
        options = [one for one in step if one != row[place]] if isinstance(step, list) else [1, -1, 3, -3]
        return [Edit(place, one) for one in rng.sample(options, len(options))]

    def apply(row: Any, made: Sequence[Edit]) -> dict[str, Any]:
        changed = dict(row)
        for place, to in made:
            name = str(place)
            step = steps[name]
            changed[name] = to if isinstance(step, list) else _moved(changed[name], to * step)
        return changed

    return Changes(most=0, places=places, edits=edits, apply=apply, again=True)


def _moved(value: float, by: float) -> float:
    return value + by if isinstance(value, float) else value + (round(by) or int(math.copysign(1, by)))


def _learned(rows: Sequence[Mapping[str, Any]], keep: Sequence[str]) -> dict[str, Any]:
    """Return a tenth of the standard deviation of every column of numbers."""
    found = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows if is_number(row.get(name))]
        mean = math.fsum(values) / len(values) if values else 0.0
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values)) if values else 0.0
        if spread and name not in keep:
            found[name] = spread / 10
    return found


def _of_images(search: Search, images: Images) -> Changes:
    squares: list[Hashable] = [(x, y) for x in range(search.grid) for y in range(search.grid)]

    def apply(path: Any, made: Sequence[Edit]) -> str:
        def cover(image: Any) -> Any:
            changed = image.copy()
            for edit in made:
                place: Any = edit.place
                changed.paste(0 if image.mode == "L" else (0, 0, 0), square(image.size, search.grid, *place))
            return changed

        return images.changed(str(path), cover) if made else str(path)

    return Changes(
        most=0, places=lambda _path: squares, edits=lambda _path, place, _rng: [Edit(place, None)], apply=apply
    )


def square(size: tuple[int, int], grid: int, x: int, y: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of one square of a grid over an image, in pixels; at least one wide."""
    (left, right), (top, bottom) = ((side * at // grid, side * (at + 1) // grid) for side, at in zip(size, (x, y)))  # noqa: B905
    return left, top, max(right, left + 1), max(bottom, top + 1)
