"""What a metric is given, and what is known of it besides its value."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlci.errors import CannotRun

Label = str | int | float | bool
Needs = Literal["labels", "probabilities", "numbers"]

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


@dataclass(frozen=True)
class Scorer:
    """One metric: its function, its direction and what it is computed from; its docstring is the function's."""

    name: str
    compute: Callable[[Sample], float]
    higher_is_better: bool
    needs: Needs
    counts: Callable[[Sample], tuple[int, int]] | None = None
    """For a share: how many examples count, out of how many; its interval is the exact binomial one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.compute.__doc__)

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
