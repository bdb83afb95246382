"""Files of examples that must not break."""

from __future__ import annotations

from mlci.rules.rows import compare_rows
from mlci.rules.spots import InForce, Spot, kind


@kind
def never_break(before: str | None, after: str | None, spot: Spot) -> InForce:
    """A file of examples that must be predicted right: a row that is gone loosens, a new one is in force at once."""
    if before is None:
        return InForce(after, () if after is None else (spot.change("added", None, after),))
    if after is None:
        return InForce(None, (spot.change("deleted", before, None),))
    moved = () if before == after else (spot.change("binding", before, after),)
    return InForce(after, (*moved, *compare_rows(before, after, spot)))
