"""Which predictions changed, of the examples that both runs have: how many, and a file that lists them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlci.model.paired import Predicted, same_examples
from mlci.results.decision import Churn

FOLDER = "changed-examples"
MOST = 10_000
"""Examples that are listed at most, those that became wrong first."""
COLUMNS = ("change", "id", "label", "before", "now")
_ORDER = ("newly wrong", "newly right", "still wrong", "changed")


class Changed(NamedTuple):
    """One example whose prediction changed."""

    change: str
    id: Any
    label: Any
    before: Any
    now: Any


def churn_of(model: str, before: Predicted, now: Predicted) -> tuple[Churn, tuple[Changed, ...]] | None:
    """Return how many predictions of a model changed, and those examples; None where nothing can be matched."""
    matched = same_examples(before, now)
    if matched is None or not matched.now:
        return None
    of_classes = not any(map(_is_a_measurement, (*matched.before, *matched.now)))
    changed = list(_changed(matched, of_classes=of_classes))
    counts = {kind: sum(one.change == kind for one in changed) for kind in _ORDER}
    found = Churn(
        model=model,
        n=len(matched.now),
        changed=len(changed),
        newly_wrong=counts["newly wrong"] if of_classes else None,
        newly_right=counts["newly right"] if of_classes else None,
    )
    return found, tuple(sorted(changed, key=lambda one: _ORDER.index(one.change)))


def _changed(matched: Any, *, of_classes: bool) -> Iterator[Changed]:
    for key, label, before, now in zip(matched.ids, matched.labels, matched.before, matched.now, strict=True):
        if before == now:
            continue
        kind = "newly wrong" if before == label else "newly right" if now == label else "still wrong"
        yield Changed(kind if of_classes else "changed", key, label, before, now)


def _is_a_measurement(value: Any) -> bool:
    """Whether a prediction is a number on a scale, which is hardly ever exactly right."""
    return isinstance(value, float) and not value.is_integer()


def write(out: Path, found: Mapping[str, tuple[Changed, ...]]) -> dict[str, str]:
    """Write a CSV file for each model with changed examples; return their paths in the report folder `out`.

    Raises:
        OSError: a file cannot be written.
    """
    written = {}
    for at, (model, changed) in enumerate(found.items()):
        if changed:
            name = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in model)[:60]
            path = out / FOLDER / f"{at}-{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows(changed[:MOST])
            written[model] = f"{FOLDER}/{path.name}"
    return written
