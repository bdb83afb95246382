"""Coverage of the files that two runs both have: a file that comes or goes is no drop of the others' coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mlci.code.coverage import Counts, summed
from mlci.code.coverage_checks import COVERAGE
from mlci.results.model import Metric

BOTH = "files of both"
"""What the number on these files alone is called, beside the one on all files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """The counts of each measured file of a run."""

    counts: Mapping[str, Counts]
    moved: Mapping[str, str] = field(default_factory=dict)
    """The path that files had at the base, by their path now."""


def on_same_files(
    now: Sequence[Metric], before: Sequence[Metric], files: Files, files_before: Mapping[str, Counts]
) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    """Return the numbers of both runs with coverage on the files that both have, where these are not all the same.

    That number takes over the limit on a drop; the one on all files is shown beside it.
    """
    total = next((metric for metric in now if metric.name == COVERAGE and metric.slice is None), None)
    pairs = {name: files.moved.get(name, name) for name in files.counts}
    shared = {name: old for name, old in pairs.items() if old in files_before}
    whole = len(shared) == len(files.counts) and len(set(shared.values())) == len(files_before)
    if total is None or whole or not shared:
        return tuple(now), tuple(before)
    ours = summed(files.counts[name] for name in shared)
    theirs = summed(files_before[old] for old in set(shared.values()))
    if not ours.statements or not theirs.statements:
        return tuple(now), tuple(before)
    limited = replace(total, slice=BOTH, value=ours.percent, n=ours.statements)
    old = Metric(name=COVERAGE, slice=BOTH, value=theirs.percent, n=theirs.statements, higher_is_better=True)
    rest = (replace(metric, max_drop=None) if metric is total else metric for metric in now)
    return (*rest, limited), (*before, old)
