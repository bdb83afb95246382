"""Templates: sentences with places to fill, by CheckList's syntax.

`{thing}` is filled from the lexicon `thing`; `{thing1}`, `{thing2}` are further draws from it; `{a:thing}` puts "a"
or "an" before it; `{person.name}` and `{pair[0]}` take a part of an entry. `{{` and `}}` are plain braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Literal

from mlci.errors import UsageError, did_you_mean
from mlci.perturbations.words import article

MOST = 100_000

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_INSIDE = re.compile(r"(?:(?P<article>a|an|A|An):)?(?P<name>[^\W\d][\w-]*)(?P<path>(?:\.\w+|\[-?\w+\])*)")
_STEP = re.compile(r"\.(\w+)|\[(-?\w+)\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place of a template."""

    name: str
    """The draw that fills it, as `thing` or `thing1`."""
    article: str = ""
    """`a` or `A` where an article is wanted."""
    path: tuple[str, ...] = ()
    """The part of the entry that is taken, from outside in."""


def places(template: Any) -> list[Place]:
    """Return the places of a template (a text, or any nesting of lists and mappings of texts), in order."""
    if isinstance(template, str):
        return [_place(match.group(1), template) for match in _PLACE.finditer(template) if match.group(1) is not None]
    if isinstance(template, Mapping):
        return [place for part in template.values() for place in places(part)]
    return [place for part in template for place in places(part)] if isinstance(template, list | tuple) else []


@cache
def _place(inside: str, template: str) -> Place:
    match = _INSIDE.fullmatch(inside.strip())
    if match is None:
        raise UsageError(f'"{{{inside}}}" in the template {template!r} is no name of a lexicon; {{{{ is a plain brace')
    path = tuple(first or second for first, second in _STEP.findall(match["path"]))
    return Place(name=match["name"], article=(match["article"] or "")[:1], path=path)


def lexicon_of(draw: str, lexicons: Mapping[str, Sequence[Any]]) -> str:
    """Return the lexicon that fills `draw`: of its own name, or of its name without the number at the end."""
    for name in (draw, draw.rstrip("0123456789")):
        if name in lexicons:
            return name
    advice = did_you_mean(draw.rstrip("0123456789"), lexicons) or "Add it to `lexicons`."
    raise UsageError(f'the template names the lexicon "{draw}", which there is not', fix=advice)


def fillings(
    template: Any,
    lexicons: Mapping[str, Sequence[Any]],
    *,
    rng: Random,
    sample: int | None = None,
    combine: Literal["product", "zip"] = "product",
    distinct: bool = False,
) -> Iterator[dict[str, Any]]:
    """Return what fills the places of `template`: every combination, `sample` of them at random, or a zip.

    With `distinct` no two draws of one filling are alike. Raises `UsageError` for an unknown lexicon, and for more
    than 100,000 combinations without `sample`.
    """
    draws = list(dict.fromkeys(place.name for place in places(template)))
    entries = [lexicons[lexicon_of(draw, lexicons)] for draw in draws]
    if combine == "zip":
        chosen: Iterator[tuple[Any, ...]] = iter(_zipped(draws, entries, rng, sample))
    else:
        chosen = _product(entries, rng, sample, distinct=distinct)
    for values in chosen:
        if not distinct or _all_differ(values):
            yield dict(zip(draws, values, strict=True))


def _zipped(draws: list[str], entries: list[Any], rng: Random, sample: int | None) -> list[tuple[Any, ...]]:
    sizes = {draw: len(entry) for draw, entry in zip(draws, entries, strict=True)}
    if len(set(sizes.values())) > 1:
        raise UsageError(f"`combine: zip` needs lexicons of one length, and they have {sizes}")
    rows = list(zip(*entries, strict=True))
    return (
        rows
        if sample is None or sample >= len(rows)
        else [rows[at] for at in sorted(rng.sample(range(len(rows)), sample))]
    )


def _product(entries: list[Any], rng: Random, sample: int | None, *, distinct: bool) -> Iterator[tuple[Any, ...]]:
    total = 1
    for entry in entries:
        total *= len(entry)
    if sample is None and total > MOST:
        raise UsageError(f"the template makes {total:,} cases: say with `sample` how many to draw")
    if sample is None or sample >= total:
        return (_combination(entries, at) for at in range(total))
    return _drawn(entries, rng, sample, total, distinct=distinct)


def _drawn(entries: list[Any], rng: Random, sample: int, total: int, *, distinct: bool) -> Iterator[tuple[Any, ...]]:
    """Draw `sample` combinations without repeating one, in the order of the product."""
    taken: set[int] = set()
    for _ in range(20 * sample + 100):
        if len(taken) == sample:
            break
        at = rng.randrange(total)
        if not distinct or _all_differ(_combination(entries, at)):
            taken.add(at)
    return (_combination(entries, at) for at in sorted(taken))


def _combination(entries: list[Any], at: int) -> tuple[Any, ...]:
    values = []
    for entry in reversed(entries):
        at, place = divmod(at, len(entry))
        values.append(entry[place])
    return tuple(reversed(values))


def _all_differ(values: tuple[Any, ...]) -> bool:
    return all(value not in values[:at] for at, value in enumerate(values))


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """Return `template` with its places filled; a text that is one place alone keeps the type of what fills it."""
    if isinstance(template, Mapping):
        return {key: fill(part, values) for key, part in template.items()}
    if isinstance(template, list | tuple):
        return [fill(part, values) for part in template]
    if not isinstance(template, str):
        return template
    alone = _PLACE.fullmatch(template)
    if alone is not None and alone.group(1) is not None and not _place(alone.group(1), template).article:
        return _value(_place(alone.group(1), template), values)
    return _PLACE.sub(lambda match: _written(match, values, template), template)


def _written(match: re.Match[str], values: Mapping[str, Any], template: str) -> str:
    if match.group(1) is None:
        return match.group()[0]
    place = _place(match.group(1), template)
    text = str(_value(place, values))
    return f"{article(text, upper=place.article == 'A')} {text}" if place.article else text


def _value(place: Place, values: Mapping[str, Any]) -> Any:
    value = values[place.name]
    for step in place.path:
        try:
            value = value[int(step)] if step.lstrip("-").isdigit() and not isinstance(value, Mapping) else value[step]
        except (KeyError, IndexError, TypeError):
            raise UsageError(
                f'the lexicon entry {value!r} has no part "{step}" (in the place "{place.name}")'
            ) from None
    return value
