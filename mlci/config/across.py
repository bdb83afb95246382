"""What the keys of a data asset that look across assets, and at image folders, say."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, Severity, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignKey:
    """Columns whose values must be a key of another asset."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(named="columns asset references", higher="mostly", severity="severity")

    columns: str | tuple[str, ...]
    """The column, or columns, of this asset; rows where one of them is missing are left out."""
    asset: str
    """The asset with the keys, by its name under `data:`."""
    references: str | tuple[str, ...] = ()
    """The columns there, in the same order; those of the same names when left out."""
    mostly: float = 1
    """The smallest share of the rows that must have their key there."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoOverlapWith:
    """Another asset that no row of this one may stand in: a hold-out set, of a training set."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        named="asset", other="columns near", higher="tolerance", lower="min_words max_share", severity="severity"
    )

    asset: str
    """The other asset, by its name under `data:`."""
    columns: str | tuple[str, ...] = ()
    """The columns that make two rows the same; all that both have when left out."""
    near: bool | float = False
    """Find near copies of text too: `true`, or the share of words that stay in their order (0.85).

    Between folders of images, `true` or a number asks for pictures that look the same.
    """
    tolerance: float = 0
    """How far numbers of two rows may lie apart and still be the same."""
    min_words: int = 8
    """Texts with fewer different words are compared exactly, and counted."""
    max_share: float = 0
    """The share of the rows that may overlap."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoOverlapBetween:
    """Splits within one asset, told apart by a column, that may have no row in common."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="split columns near", lower="min_words max_share", severity="severity")

    split: str
    """The column that says which split a row belongs to."""
    columns: str | tuple[str, ...] = ()
    """The columns that make two rows the same; all others when left out."""
    near: bool | float = False
    """Find near copies of text too: `true`, or the share of the words that stay in their order (0.85)."""
    min_words: int = 8
    """Texts with fewer different words are compared exactly, and counted."""
    max_share: float = 0
    """The share of the rows that may overlap."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoNearDuplicates:
    """Texts of which the asset may hold no two that are nearly the same."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="columns", lower="near min_words max_share", severity="severity")

    columns: str | tuple[str, ...]
    """The columns with the text."""
    near: float = 0.85
    """The share of the words that stay in their order."""
    min_words: int = 8
    """Texts with fewer different words are compared exactly, and counted."""
    max_share: float = 0
    """The share of the rows that may have a near duplicate."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SameDistributionAs:
    """Another asset in which the values of some columns, such as the label, are as frequent as in this one."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(named="asset columns", lower="max_distance", higher="false_alarm_rate", severity="severity")

    asset: str
    """The other asset, by its name under `data:`."""
    columns: str | tuple[str, ...]
    """The columns with labels or categories."""
    max_distance: float = 0.1
    """The largest total variation that passes: the share of rows that would need another label."""
    false_alarm_rate: float = 0.01
    """A larger distance fails only where chance alone shows it this rarely (chi-square test)."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SameColumnsAs:
    """Another asset that has the same columns."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(named="asset", demands="types order", fewer="apart_from", severity="severity")

    asset: str
    """The other asset, by its name under `data:`."""
    types: bool = True
    """Whether their types must be the same."""
    order: bool = False
    """Whether they must stand in the same order."""
    apart_from: str | tuple[str, ...] = ()
    """Columns that only one of them may have."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Images:
    """What is asked of a folder of images (`format: images`) beside files that can be read."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        higher="min_per_class",
        lower="max_imbalance",
        other="sizes min_size modes near",
        demands="verify",
        allows="duplicates",
        severity="severity",
    )

    min_per_class: int | None = None
    """The fewest images that a class, a folder right below `path`, may have."""
    max_imbalance: float | None = None
    """How many times as many images as the smallest class the largest may have."""
    sizes: tuple[str, ...] = ()
    """Sizes that are right, as `224x224`; `224x*` leaves the height open."""
    min_size: str | None = None
    """The smallest size that is right, as `32x32`."""
    modes: tuple[str, ...] = ()
    """Modes that are right, by Pillow's names: RGB, L, RGBA, …"""
    verify: bool = True
    """Decode every image, to find those that break off; without it their headers alone are read."""
    duplicates: bool = False
    """Let the same file stand in the folder more than once."""
    near: bool | float = False
    """Find pictures that look the same: `true`, or the share of bits of their perceptual hashes that agree (0.93)."""
    severity: Severity = "error"
    """`warning` reports duplicates, sizes, modes and balance, and does not block."""
