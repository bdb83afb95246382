"""Rules of the code gate: which tests run, and whose coverage is measured."""

from __future__ import annotations

from collections.abc import Sequence

from mlci.rules.equality import same
from mlci.rules.pytest_arguments import Places, compare
from mlci.rules.spots import InForce, Spot, kind


@kind
def pytest_arguments(before: Sequence[str], after: Sequence[str], spot: Spot) -> InForce:
    """Arguments of pytest: those that choose fewer tests loosen; of options that are not known nobody can tell."""
    verdict = compare(before, after, Places(follow=lambda path: moved(path, spot)))
    if verdict == "looser":
        return InForce(before, (spot.change("loosened", before, after),))
    if verdict == "stricter":
        return InForce(after, (spot.change("tightened", before, after),))
    return InForce(after, (spot.change("binding", before, after),) if verdict == "elsewhere" else ())


@kind
def measured(before: Sequence[str], after: Sequence[str], spot: Spot) -> InForce:
    """Folders and packages whose coverage is measured: to leave one out that is still there loosens."""
    if same(before, after):
        return InForce(after)
    left_out = [name for name in before if moved(name, spot) not in after and _is_there(name, spot)]
    if left_out or not (before and after):
        return InForce(before, (spot.change("loosened", before, after),))
    return InForce(after, (spot.change("binding", before, after),))


def moved(path: str, spot: Spot) -> str:
    """Return what the head calls a file or folder of the base, which git may have moved."""
    name, separator, rest = path.partition("::")
    place = spot.sides.moved(spot.sides.base.path(name))
    return path if place is None else f"{spot.sides.head.named(place)}{separator}{rest}"


def _is_there(name: str, spot: Spot) -> bool:
    """Whether the head has a folder or a package of that name, at its top or in `src/`."""
    head = spot.sides.head
    path = name if "/" in name else name.replace(".", "/")
    return any(
        (spot.sides.disk.top / head.path(f"{folder}{path}{ending}")).exists()
        for folder in ("", "src/")
        for ending in ("", ".py")
    )
