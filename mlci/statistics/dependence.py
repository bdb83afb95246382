"""How the drops of several gates go together, since they are measured on the same examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlci.statistics.examples import Examples, PairedMetric, Part
from mlci.statistics.measured import NotMeasurableError
from mlci.statistics.paired import Floats, Ints

if TYPE_CHECKING:
    from mlci.statistics.judgement import Draft

MOST_VALUES = 5_000_000
"""Examples times gates that are looked at; beyond, a sample of the examples is."""
FEWEST_SAMPLED = 5_000


def correlation(drafts: Sequence[Draft]) -> Floats:
    """Return the correlation of the drops under no regression: an array of (drafts, drafts).

    That of what each example (or cluster of examples) adds to each drop, its influence. Drafts without examples, such
    as behaviour suites, are taken for independent, which can only make the correction stricter.
    """
    found = np.eye(len(drafts))
    measured = [
        (index, draft.measure, draft.part)
        for index, draft in enumerate(drafts)
        if draft.part is not None and draft.measure is not None
    ]
    if len(measured) > 1:
        sample = _Sample.of(measured[0][2].examples, gates=len(measured))
        parts = {id(part): sample.part(part) for _, _, part in measured}
        vectors = np.stack([sample.influence(measure, parts[id(part)]) for _, measure, part in measured])
        at = [index for index, _, _ in measured]
        found[np.ix_(at, at)] = vectors @ vectors.T
        np.fill_diagonal(found, 1.0)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    rows: Ints
    position: Ints
    """Of each example in `rows`, -1 where it is not sampled."""

    @classmethod
    def of(cls, examples: Examples, *, gates: int) -> _Sample:
        n, most = len(examples), max(FEWEST_SAMPLED, MOST_VALUES // gates)
        rows = np.arange(n) if n <= most else np.sort(np.random.default_rng(0).choice(n, most, replace=False))
        position = np.full(n, -1)
        position[rows] = np.arange(len(rows))
        return cls(rows=rows, position=position)

    def part(self, part: Part) -> Part:
        """Return those of the part's examples that are sampled."""
        rows = self.rows if part.rows is None else part.rows[self.position[part.rows] >= 0]
        return Part(examples=part.examples, rows=rows)

    def influence(self, measure: PairedMetric, part: Part) -> Floats:
        """Return what each sampled example, or cluster, adds to the drop, as a vector of length 1; or zeros."""
        clusters = part.examples.clusters
        added = np.zeros(len(self.rows) if clusters is None else int(clusters.max()) + 1)
        try:
            values = measure(part).influence()
        except NotMeasurableError:
            return added
        if part.clusters is None:
            added[self.position[part.rows]] = values
        else:
            np.add.at(added, part.clusters, values)
        length = float(np.sqrt((added**2).sum()))
        return added / length if length else added
