"""What came out of a behaviour suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mlci.errors import Where
from mlci.model.behaviour.suite import Type
from mlci.model.predictions import Prediction
from mlci.results.model import Severity

if TYPE_CHECKING:
    from mlci.model.behaviour.cases import Case

Status = Literal["passed", "failed", "inconclusive", "skipped", "errored"]


class Example(NamedTuple):
    """One failing input, with the original that it is compared with where there is one."""

    source: str
    """Where its case comes from, as `row 12`."""
    input: Any
    prediction: Prediction
    original: Any = None
    original_prediction: Prediction | None = None
    label: Any = None
    """The case's own label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TestResult:
    """One test: its numbers, its verdict and what failed."""

    __test__ = False  # the name is pytest's too

    name: str
    type: Type
    capability: str
    status: Status
    reason: str | None = None
    """Why it did not pass."""
    cases: int = 0
    """Cases that were run."""
    not_applicable: int = 0
    """Cases that the expectation or `only-if` says nothing about."""
    failed_cases: int = 0
    """Applicable cases with at least one failing input."""
    pairs: int = 0
    """Inputs that were judged, each beside its original where the test compares."""
    failed_pairs: int = 0
    """Inputs that failed."""
    interval: tuple[float, float] | None = None
    """95 % interval of the failure rate (exact binomial)."""
    pair_interval: tuple[float, float] | None = None
    """95 % interval of the pair failure rate (exact binomial, inputs of one case taken together)."""
    limit: float = 0.0
    """The largest failure rate that passes."""
    rule: str = ""
    """What decided, in words."""
    needed: int | None = None
    """How many independent cases it would take to decide, when it is inconclusive."""
    no_ops: int = 0
    """Changed inputs that equal their original."""
    duplicates: int = 0
    """Inputs and cases that repeat another."""
    missing: int = 0
    """Rows without a value to give to the model."""
    notes: tuple[str, ...] = ()
    """What makes the test say less than it seems to."""
    examples: tuple[Example, ...] = ()
    """Every failing input."""
    judged: tuple[tuple[Case, bool | None], ...] = ()
    """Every case with whether it passed; None where it does not apply."""
    expects: str = ""
    """What is expected of the cases, as it is written."""
    severity: Severity = "error"
    where: Where | None = None

    @property
    def applicable(self) -> int:
        """The number of cases that the test says something about."""
        return self.cases - self.not_applicable

    @property
    def failure_rate(self) -> float | None:
        """The share of applicable cases that fail; None when none applies or none was judged."""
        judged = self.applicable if self.status not in ("errored", "skipped") else 0
        return self.failed_cases / judged if judged else None

    @property
    def pair_failure_rate(self) -> float | None:
        """The share of judged inputs that fail; None when none was judged."""
        return self.failed_pairs / self.pairs if self.pairs else None


@dataclass(frozen=True, kw_only=True, slots=True)
class BehaviourResult:
    """The tests of a suite, in order."""

    tests: tuple[TestResult, ...]
    name: str = "suite"
    inputs: int = 0
    """Different inputs that the model was asked about."""
    notes: tuple[str, ...] = ()
    """What makes the suite as a whole say less than it seems to."""

    @property
    def success(self) -> bool:
        """Whether a test was judged and none failed or could not be run."""
        judged = [test.status for test in self.tests if test.status != "skipped"]
        return bool(judged) and all(status in ("passed", "inconclusive") for status in judged)
