"""The classes of a folder of images: how many images each has, and how much that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from mlci.config.across import Images
from mlci.numbers import count, number
from mlci.results.model import Check

_SHOWN = 20
_NAMED = 5

Said = Callable[..., Check]
"""Makes a check of its name and what it says, with `holds` and `details`."""


def balance(sizes: Counter[str], asked: Images, said: Said) -> Iterator[Check]:
    """Yield whether classes, the names of folders with their numbers of images, are large enough and of like size."""
    if not sizes:
        yield said("classes", "there are no classes: no image stands in a folder below the path", holds=False)
        return
    details = {"classes": dict(sizes.most_common(_SHOWN))}
    if asked.min_per_class is not None:
        holds, summary = _large_enough(sizes, asked.min_per_class)
        yield said("min-per-class", summary, holds=holds, details=details)
    if asked.max_imbalance is not None:
        holds, summary = _balanced(sizes, asked.max_imbalance)
        yield said("max-imbalance", summary, holds=holds, details=details)


def _large_enough(sizes: Counter[str], least: int) -> tuple[bool, str]:
    few = [f"`{name}` ({amount})" for name, amount in reversed(sizes.most_common()) if amount < least]
    classes = count(len(sizes), "class", "classes")
    if not few:
        return True, f"each of {classes} has at least {count(least, 'image')}"
    named = ", ".join(few[:_NAMED]) + ", …" * (len(few) > _NAMED)
    return False, f"{len(few)} of {classes} have fewer than {count(least, 'image')}: {named}"


def _balanced(sizes: Counter[str], most: float) -> tuple[bool, str]:
    ordered = sizes.most_common()
    (largest, many), (smallest, few) = ordered[0], ordered[-1]
    ratio = many / few
    said = f"the largest class, `{largest}`, has {number(ratio)} times the images of the smallest, `{smallest}`"
    return ratio <= most, f"{said}; at most {number(most)} times asked for"
