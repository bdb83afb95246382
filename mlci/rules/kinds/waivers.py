"""Waivers: each lets a loss pass, so a new or a wider one loosens."""

from __future__ import annotations

from mlci.config.waivers import Waiver
from mlci.decisions.waiver_file import parse_waivers
from mlci.errors import UsageError, Where
from mlci.rules.kinds.parts import inside
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind

Waivers = tuple[Waiver, ...]


@kind
def waivers(before: Waivers | str, after: Waivers | str, spot: Spot) -> InForce:
    """Losses that are accepted, in the configuration or a file: those of the base hold where the head has them too."""
    then, now = _read(before, spot.sides.base), _read(after, spot.sides.head)
    if now is None:
        return InForce(after)  # it cannot be read, and the run will say so
    value, changes = [], []
    for at, waiver in enumerate(now):
        known = next((each for each in then or () if _about(each) == _about(waiver)), None)
        place = _spot(spot, after, at)
        if known is None:
            changes.append(place.change("loosened", None, waiver))
            continue
        judged = inside(known, waiver, place)
        value.append(judged.value)
        changes += judged.changes
    left = [each for each in then or () if _about(each) not in map(_about, now)]
    changes += [spot.change("tightened", each, None) for each in left]
    return InForce(after if tuple(value) == now else tuple(value), tuple(changes))


def _read(written: Waivers | str, side: Side) -> Waivers | None:
    if not isinstance(written, str):
        return written
    try:
        return parse_waivers(side.read(written) or b"", written)
    except UsageError:
        return None


def _about(waiver: Waiver) -> tuple[str, str | None]:
    return waiver.metric, waiver.slice


def _spot(spot: Spot, written: Waivers | str, at: int) -> Spot:
    return spot.in_file(_File(written), at, name="waivers") if isinstance(written, str) else spot.inside(at)


class _File:
    """A file whose entries are not told apart by line."""

    def __init__(self, name: str) -> None:
        self.name = name

    def where(self, *_key: str | int) -> Where:
        """Return the file."""
        return Where(path=self.name)
