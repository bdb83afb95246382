"""The measures between groups, under the names of Fairlearn."""

from __future__ import annotations

from typing import Any

from mlci.model.fairness import Measure, measure
from mlci.model.fairness.rates import difference, narrowest, ratio, widest

_KINDS = {
    "demographic_parity": (("all",), "the share of all examples that gets the favourable prediction"),
    "equal_opportunity": (("positive",), "the share of truly favourable examples that gets the favourable prediction"),
    "equalized_odds": (
        ("positive", "negative"),
        "the share that gets the favourable prediction, of truly favourable examples or of the others (the worse one)",
    ),
}

for _name, (_of, _says) in _KINDS.items():
    for _how, _doc, _compare, _worst in (
        ("difference", "Largest less smallest over groups", difference, widest),
        ("ratio", "Smallest divided by largest over groups", ratio, narrowest),
    ):
        _combine: Any = _worst
        measure(
            f"{_name}_{_how}",
            Measure(
                name=f"{_name}_{_how}",
                of=_of,
                compare=_compare,
                worst=_combine,
                higher_is_better=_how == "ratio",
                doc=f"{_doc}: {_says}.",
            ),
        )
