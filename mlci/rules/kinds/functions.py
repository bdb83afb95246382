"""Functions of the project that compute what is judged."""

from __future__ import annotations

from mlci.errors import Where
from mlci.results.rules import RuleChange
from mlci.rules.kinds.plugins import files_of
from mlci.rules.kinds.values import binding, other
from mlci.rules.python_code import definition_of
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind


@kind
def function(before: str | None, after: str | None, spot: Spot) -> InForce:
    """`module:function` of the project's own, such as a metric: which it is and what it does, but not what it calls."""
    old = _definition(before, spot.sides.base) if before else None
    new = _definition(after, spot.sides.head) if after else None
    if old is None or new is None:
        return other(before, after, spot)
    if old[1] != new[1]:
        edited = RuleChange(kind="edited", what=f"{new[0]}: {after}", where=Where(path=new[0]))
        return InForce(after, (edited,))
    return binding(before, after, spot) if spot.sides.follow(old[0]) == new[0] else other(before, after, spot)


def _definition(target: str, side: Side) -> tuple[str, str] | None:
    """Return the file that defines a function, and the function as it is parsed; None where it is not found."""
    module, _, name = target.partition(":")
    for file in files_of(module, side) if name else ():
        found = definition_of(side.read(file) or b"", name)
        if found is not None:
            return file, found
    return None
