"""Many gates at once: the share of harmless changes that any of them blocks stays at the rate asked for."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values of Holm (1979), in the order given; holds whatever the dependence between tests."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def holm_in_families(p_values: Sequence[float], families: Sequence[str]) -> list[float]:
    """Return p-values adjusted by Holm within each family, the false-alarm rate being shared alike among families.

    A family that has no member takes no share.
    """
    present = set(families)
    adjusted = [0.0] * len(p_values)
    for family in present:
        members = [index for index, of in enumerate(families) if of == family]
        for index, value in zip(members, holm([p_values[index] for index in members]), strict=True):
            adjusted[index] = min(1.0, len(present) * value)
    return adjusted
