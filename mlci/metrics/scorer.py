"""What a metric is given, and what is known of it besides its value."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from mlci.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.statistics.examples import Part
    from mlci.statistics.measured import Measured

Label = str | int | float | bool
Needs = Literal["labels", "probabilities", "numbers", "ranking", "texts"]

INSTALL = (
    'Install it beside mlci: `pip install "mlci[model]"`, '
    'or `additional_dependencies: ["mlci[model]"]` in the hook of .pre-commit-config.yaml.'
)

# Raised when the arithmetic of a metric changes, so that numbers of two versions are never compared.
VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The examples that a metric is computed on, all of one length."""

    truth: Sequence[Label]
    """What is true of each example."""
    predicted: Sequence[Label]
    """What was predicted for it."""
    probabilities: Sequence[Mapping[Label, float]] | None = None
    """The probability of each class, where the model gives one."""
    positive: Label | None = None
    """The label that binary metrics take for positive; the larger of two when left out."""
    groups: Sequence[Label] | None = None
    """What each example is ranked within, as a query, where examples come in groups."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """What measures a metric of two models on the same examples: a function of a module of `mlci.metrics.paired`.

    The module is imported when something is measured, since it needs NumPy and SciPy.
    """

    module: str
    function: str
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, part: Part) -> Measured:
        """Return both values on `part`, and what it takes to judge their difference."""
        function: Any = getattr(import_module(f"mlci.metrics.paired.{self.module}"), self.function)
        measured: Measured = function(part, *self.arguments, **self.settings)
        return measured


@dataclass(frozen=True)
class Scorer:
    """One metric: its value, its direction, what it is computed from and its paired test.

    Its docstring is that of the function which computes it.
    """

    name: str
    compute: Callable[[Sample], float]
    higher_is_better: bool
    needs: Needs
    paired: PairedTest | None = None
    """How two models are compared example by example."""
    counts: Callable[[Sample], tuple[int, int]] | None = None
    """For a share: how many examples count, out of how many; its interval is the exact binomial one."""
    settings: tuple[str, ...] = ()
    """What may be set: keyword arguments of its function, all with a default."""
    span: float | None = None
    """How far apart two values can be, 1 for a share; None where nothing bounds it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", getattr(self.compute, "func", self.compute).__doc__)

    def bound(self, settings: Mapping[str, Any]) -> Scorer:
        """Return the metric with `settings` filled in; raise `UsageError` for one that it does not take."""
        if unknown := [name for name in settings if name not in self.settings]:
            takes = f"It takes {' and '.join(self.settings)}." if self.settings else "It takes none."
            raise UsageError(f'the metric "{self.name}" has no setting "{unknown[0]}"', fix=takes)
        if not settings:
            return self
        paired = self.paired and replace(self.paired, settings=settings)
        return replace(self, compute=partial(self.compute, **settings), paired=paired)

    def __call__(self, sample: Sample) -> float:
        """Return the value on `sample`, always finite; raise `CannotRun` where there is none."""
        if not sample.truth:
            raise CannotRun(f"{self.name} has no examples to be computed on")
        if self.needs == "probabilities" and sample.probabilities is None:
            raise CannotRun(
                f"{self.name} needs probabilities, and the model gives none",
                fix="let predict return {label, probabilities: {class: p}}, or name their columns as `probability`.",
            )
        value = _quietly(self.compute, sample, self.name)
        if not math.isfinite(value):
            raise CannotRun(f"{self.name} is not defined on these {len(sample.truth)} examples")
        return value


def _quietly(compute: Callable[[Sample], float], sample: Sample, name: str) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(compute(sample))
        except CannotRun as error:
            raise CannotRun(f"{name} {error.what}", fix=error.fix) from None
        except ImportError:
            raise CannotRun(f"{name} needs scikit-learn, which is not installed", fix=INSTALL) from None
        except ValueError as error:
            raise CannotRun(f"{name} cannot be computed: {error}") from None
