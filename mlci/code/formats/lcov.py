"""The tracefiles of lcov, which coverage.py and many other tools write."""

from __future__ import annotations

from mlci.code.coverage import Measured
from mlci.code.formats import reader
from mlci.code.formats.by_line import Tally, measured

_STARTS = (b"TN:", b"SF:")
_END = "end_of_record"


@reader
def lcov(raw: bytes) -> Measured | None:
    """`lcov`."""
    if not raw.lstrip().startswith(_STARTS):
        return None
    tallies: dict[str, Tally] = {}
    branches: dict[tuple[str, int], dict[str, bool]] = {}
    name = ""
    for line in raw.decode("utf-8", "surrogateescape").splitlines():
        key, _, value = line.strip().partition(":")
        if key == "SF":
            name = value
            tallies.setdefault(name, Tally())
        elif key == _END:
            name = ""
        elif key in ("DA", "BRDA") and not name:
            raise ValueError(f"`{line[:40]}` belongs to no file")
        elif key == "DA":
            at, hits = value.split(",")[:2]
            tallies[name].hit(int(at), int(hits))
        elif key == "BRDA":
            at, _, rest = value.partition(",")
            way, _, taken = rest.rpartition(",")
            ways = branches.setdefault((name, int(at)), {})
            ways[way] = ways.get(way, False) or taken not in ("-", "0")
    if name:
        raise ValueError(f"it is cut off: what is told of {name} does not end")
    for (file, number), ways in branches.items():
        tallies[file].branch(number, sum(ways.values()), len(ways))
    return measured(tallies)
