"""The results of a run, schema 1: the seam between gates and everything that reports or posts.

Whoever reads `results.json` treats every text in it as untrusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.errors import Where
from mlci.results.comparison import READ, Anchor, Change, Comparison, Receipt, Rung
from mlci.results.decision import Trend, Waived
from mlci.results.origin import Origin
from mlci.results.posting import Leg, Posting
from mlci.results.problem import Problem
from mlci.results.profile import Profile
from mlci.results.rules import RuleChange
from mlci.results.status import Severity, Status, Verdict, failed_or_warned, verdict_of, worst
from mlci.results.training import Training

__all__ = [
    "GATES",
    "READ",
    "RULES",
    "SCHEMA",
    "USAGE_MARK",
    "Anchor",
    "Change",
    "Check",
    "ColumnShift",
    "Comparison",
    "DataChange",
    "Gate",
    "GateName",
    "Metric",
    "Receipt",
    "Results",
    "Rung",
    "Severity",
    "Status",
    "TypeChange",
    "Verdict",
    "exit_code",
    "failed_or_warned",
    "verdict_of",
    "worst",
]

SCHEMA = 1

GateName = Literal["code", "data", "model", "metrics"]

GATES: tuple[GateName, ...] = ("code", "data", "model", "metrics")
RULES: Literal["rules"] = "rules"
"""What stands beside the gates where a change under review has rules otherwise than its base."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at."""

    __pydantic_config__ = READ

    id: str
    """Stable name: gate, subject, what was checked, as `data.tags.expect_column_values_to_be_unique.id`."""
    status: Status
    """How it ended."""
    summary: str
    """One line that says what was checked and what was seen."""
    severity: Severity = "error"
    """`warning`: a violation is reported and does not block."""
    reason: str | None = None
    """Why it did not pass: never missing unless it passed."""
    where: Where | None = None
    """The file and line that the reader should look at."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What the check's own kind has to tell, as plain JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A number with its sample size and direction."""

    __pydantic_config__ = READ

    name: str
    """Dotted name, as `model.topics.accuracy` or `code.coverage.total`."""
    value: float
    """The value, in the metric's own unit."""
    slice: str | None = None
    """The part of the examples that it was computed on; all of them when left out."""
    n: int | None = None
    """Examples, lines or cases that it was computed on, where that can be known."""
    higher_is_better: bool | None = None
    """Its direction, where it has one."""
    interval: tuple[float, float] | None = None
    """95 % confidence interval, where one was computed."""
    max_drop: float | str | None = None
    """How much worse than the baseline it may get; without it a change is shown and does not block."""
    severity: Severity = "error"
    """`warning`: a drop is reported and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnShift:
    """How one column of a changed data file moved."""

    __pydantic_config__ = READ

    column: str
    """Its name."""
    kind: str
    """What it was described as: number, date, category or text."""
    effect: float
    """How far its distribution moved, from 0 (not at all) to 1: the largest difference of the cumulative shares of
    numbers and dates, half the summed differences of the shares of categories, the relative change of texts' length."""
    missing: tuple[float, float]
    """The share of missing values, before and now."""
    measures: Mapping[str, tuple[float | str | None, float | str | None]] = field(default_factory=dict)
    """Aggregates by name (`mean`, `median`, `distinct`), before and now."""
    values: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Shares of categories before and now; empty unless values may be shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeChange:
    """A column that became of another type."""

    __pydantic_config__ = READ

    column: str
    """Its name."""
    before: str
    """What it was."""
    now: str
    """What it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataChange:
    """How the data of one asset differs from the commit that the run is compared with."""

    __pydantic_config__ = READ

    asset: str
    """The asset's name."""
    path: str
    """Its file."""
    note: str | None = None
    """What there is to say beside the numbers, or why there are none."""
    base: str | None = None
    """The commit that it was compared with."""
    compared: bool = True
    """Whether the two versions were compared; where not, `note` says why."""
    key: tuple[str, ...] = ()
    """The columns that rows were matched by; without any, whole rows were counted."""
    rows: tuple[int, int] | None = None
    """How many rows there were and are."""
    added: int | None = None
    """Rows that are new."""
    removed: int | None = None
    """Rows that are gone."""
    changed: int | None = None
    """Rows of the same key with another value; unknown without a key."""
    columns_added: tuple[str, ...] = ()
    """Columns that are new."""
    columns_removed: tuple[str, ...] = ()
    """Columns that are gone."""
    columns_renamed: tuple[tuple[str, str], ...] = ()
    """Columns that are gone and new with the same values: they look renamed."""
    types: tuple[TypeChange, ...] = ()
    """Columns of another type than before."""
    changed_by_column: Mapping[str, int] = field(default_factory=dict)
    """How many of the changed rows have another value in a column."""
    shifts: tuple[ColumnShift, ...] = ()
    """Columns whose values are distributed otherwise than before, the furthest moved first."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """The first changed rows: key, and old and new value of each column; empty unless values may be shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """Everything that one gate looked at."""

    __pydantic_config__ = READ

    name: GateName | Literal["rules"]
    """Which gate, or `rules`: whether the change loosens what it is judged by."""
    status: Status
    """The worst of its checks, or its own end where none ran."""
    reason: str | None = None
    """Why it did not pass."""
    duration_s: float = 0.0
    """Seconds that it took."""
    checks: tuple[Check, ...] = ()
    """What it looked at, in order."""
    data_changes: tuple[DataChange, ...] = ()
    """How data files differ from the commit that the run is compared with; information, judged by checks alone."""
    leg: str | None = None
    """In merged results, the leg of a matrix or the project that it belongs to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """The whole of one run, or of several merged."""

    __pydantic_config__ = READ

    schema: int
    """The version of this format."""
    mlci: str
    """The version of mlci that wrote it."""
    project: str
    """The project's name."""
    started: str
    """When the run began, in UTC by ISO 8601."""
    duration_s: float
    """Seconds that it took."""
    verdict: Verdict
    """passed, failed or errored."""
    cell: str | None = None
    """The leg of a matrix that this is, when there is one."""
    commit: str | None = None
    """The commit that was checked out."""
    base: str | None = None
    """The commit that it was compared with: the merge-base."""
    rule_changes: tuple[RuleChange, ...] = ()
    """What the change does to the rules that it is judged by, the looser first."""
    origin: Origin | None = None
    """The run of a CI that this is; nothing where there was none."""
    problems: tuple[Problem, ...] = ()
    """What kept the run from beginning; empty where gates could run."""
    gates: tuple[Gate, ...] = ()
    """The gates that ran, in order."""
    metrics: tuple[Metric, ...] = ()
    """Every number that the gates computed."""
    comparison: Comparison | None = None
    """The numbers beside the baseline's, where a baseline was asked for."""
    baseline: Receipt | None = None
    """Where the baseline came from."""
    anchor: Anchor | None = None
    """The numbers beside those of a pinned release, where one is pinned."""
    waivers: tuple[Waived, ...] = ()
    """The waivers of the configuration, and what became of each."""
    history: tuple[Trend, ...] = ()
    """How numbers went so far, where earlier values are stored."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Digests of evaluation data and metric code: numbers are compared only where these agree."""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    """Distributions that a baseline keeps, by `data.<asset>` and `model.<name>.predictions`."""
    trainings: Mapping[str, tuple[Training, ...]] = field(default_factory=dict)
    """The numbers of each training, of models whose recipe is judged."""
    show_values: bool = False
    """Whether reports may show values of data rows and inputs of models."""
    posting: Posting = field(default_factory=Posting)
    """How the project wants the results to be posted."""
    legs: tuple[Leg, ...] = ()
    """What these results were merged from; empty where they are of one run."""


USAGE_MARK = "usage"
"""The key in the details of a check that could not run because the configuration is wrong."""

_EXIT_CODES: Mapping[Verdict, int] = {"passed": 0, "failed": 1, "errored": 3}


def exit_code(results: Results) -> int:
    """Return the exit code: of the verdict, or 2 where nothing but the configuration kept checks from running."""
    if results.problems:
        return 2 if all(problem.usage for problem in results.problems) else _EXIT_CODES["errored"]
    errored = [check for gate in results.gates for check in gate.checks if check.status == "errored"]
    compared = results.comparison is None or results.comparison.status != "errored"
    if results.verdict == "errored" and errored and compared and all(USAGE_MARK in one.details for one in errored):
        return 2
    return _EXIT_CODES[results.verdict]
