"""A behaviour suite as values, ready to make cases from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mlci.errors import Where
from mlci.model.behaviour.adversarial.settings import Search
from mlci.model.behaviour.expectations import Judge
from mlci.perturbations import Perturbation
from mlci.results.model import Severity

if TYPE_CHECKING:
    from mlci.vocabulary.questions import Questions
    from mlci.vocabulary.suites import Maker

Type = Literal["MFT", "INV", "DIR", "adversarial"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One perturbation with its settings."""

    perturbation: Perturbation
    settings: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    """The column of a row that a perturbation of texts changes."""

    @property
    def name(self) -> str:
        """The perturbation's name."""
        return self.perturbation.name


class Written(NamedTuple):
    """One case written out by hand; there may be very many."""

    inputs: tuple[Any, ...]
    label: Any = None
    cluster: Any = None
    judge: Judge | None = None
    """Its own expectation, where it differs from the test's."""
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A template, or several that are filled alike, with the label of what it makes."""

    body: Any
    label: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows of a data file."""

    path: str
    input: str | tuple[str, ...] | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """One test of a suite: where its cases come from and what is expected of each."""

    __test__ = False  # the name is pytest's too

    name: str
    type: Type
    judge: Judge
    capability: str = ""
    description: str = ""
    examples: tuple[Written, ...] = ()
    templates: tuple[Template, ...] = ()
    table: Table | None = None
    maker: Maker | None = None
    """The project's own function that makes the cases."""
    questions: Questions | None = None
    """What is asked of functions of the project's own, where the test uses some."""
    lexicons: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    combine: Literal["product", "zip"] = "product"
    distinct: bool = False
    chains: tuple[tuple[Step, ...], ...] = ()
    """Each chain of perturbations makes variants of its own."""
    variants: int = 1
    only_if: Judge | None = None
    search: Search | None = None
    """How an adversary looks for changes, in a test of that type."""
    limit: float = 0.0
    """The largest share of applicable cases that may fail."""
    cluster: str | None = None
    sample: int | None = None
    expects: str = ""
    """What is expected of its cases, as it is written: outcomes are compared with those of the same expectation."""
    seed: int = 0
    severity: Severity = "error"
    where: Where | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """The tests of one suite."""

    tests: tuple[Test, ...]
    name: str = "suite"
    path: str | None = None
