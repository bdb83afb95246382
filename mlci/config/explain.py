"""What `fairness:` and `explain:` of a model say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlci.config.common import CHECKED, Limits, Severity, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Fairness:
    """How far groups of people (or of anything) may be treated apart, on the examples of `evaluate`."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(more="by", part="metrics", other="positive", lower="min_group_size")

    by: tuple[str | tuple[str, ...], ...]
    """Columns whose values are groups; a list inside the list makes groups of several columns together."""
    metrics: Mapping[str, Limits]
    """Measures between groups (`mlci catalogue fairness`), each with its limits."""
    positive: str | int | bool | None = None
    """The favourable label; the model's `positive`, or the larger of two labels, when left out."""
    min_group_size: int = 30
    """Groups with fewer examples are reported as too small and left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Top:
    """Features that must be among the most important ones."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(more="features", lower="k")

    features: tuple[str, ...]
    """Their names."""
    k: int
    """How many are the most important ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Importance:
    """Permutation importance: how far answers move when a feature's values are shuffled over the examples."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        other="metric repeats examples tolerance",
        more="must_not_matter must_matter",
        part="top",
        lower="max_change",
        severity="severity",
    )

    metric: str | None = None
    """A metric, to look at how much worse it gets; without it the share of answers that change counts, for numbers how
    far they move in standard deviations: a feature may matter to answers and do the metric no good."""
    repeats: int = 10
    """How many times each feature is shuffled; its interval comes from these."""
    examples: int = 1000
    """At most so many examples are used, chosen by the seed."""
    tolerance: float = 0.01
    """What a feature that must not matter may weigh at most, and one that must matter weighs more than."""
    must_not_matter: tuple[str, ...] = ()
    """Features that must not matter."""
    must_matter: tuple[str, ...] = ()
    """Features that must matter."""
    top: Top | None = None
    """Features that must be among the most important ones."""
    max_change: float | None = None
    """How far the importance of a feature may move from the baseline's, up or down."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surrogate:
    """A small decision tree that is fitted to what the model says, on half of the examples, to be read by people."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="depth", higher="min_fidelity", more="must_not_use", severity="severity")

    depth: int = 3
    """How deep the tree is."""
    min_fidelity: float = 0.0
    """The smallest share of the other half on which it must agree with the model (R² for numbers)."""
    must_not_use: tuple[str, ...] = ()
    """Features that it must not split on."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saliency:
    """Which words of a text, or squares of an image, an answer hangs on: each is left out once."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        more="inputs not_on", other="of grid not_in", binding="column", lower="max_share", severity="severity"
    )

    inputs: tuple[str, ...]
    """Texts, or paths of images; they and their pictures are in the report folder."""
    of: Literal["text", "image"] = "text"
    """What they are."""
    column: str | None = None
    """The column that the model takes them in, where it takes rows."""
    grid: int = 8
    """In how many squares a side of an image is cut."""
    not_on: tuple[str, ...] = ()
    """Words that no answer may hang on most."""
    not_in: tuple[float, float, float, float] | None = None
    """A box that no answer may hang on most: left, top, right and bottom as shares of the image."""
    max_share: float = 0.0
    """The largest share of inputs that may."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explain:
    """What the model's answers may depend on."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(part="importance surrogate saliency")

    importance: Importance | None = None
    """Permutation importance of the columns."""
    surrogate: Surrogate | None = None
    """A decision tree in the model's place."""
    saliency: Saliency | None = None
    """What single answers hang on."""
