"""What `data:` and `great-expectations:` of `mlci.yaml` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.config.across import (
    ForeignKey,
    Images,
    NoNearDuplicates,
    NoOverlapBetween,
    NoOverlapWith,
    SameColumnsAs,
    SameDistributionAs,
)
from mlci.config.common import CHECKED


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """A data file and what is expected of it."""

    __pydantic_config__ = CHECKED

    path: str
    """The file, relative to `mlci.yaml`."""
    format: Literal["csv", "tsv", "parquet", "images"] | None = None
    """How to read it; taken from the file's name when left out. `images` takes `path` for a folder of image files."""
    delimiter: str | None = None
    """What separates the fields of a CSV file: a comma when left out, a tab in TSV."""
    encoding: str = "utf-8"
    """The encoding of a CSV file, by Python's names."""
    null_values: tuple[str, ...] | None = None
    """Texts of a CSV file that mean a missing value; docs/data.md lists those taken when left out."""
    types: Mapping[str, Literal["text", "integer", "number", "boolean", "date", "datetime"]] = field(
        default_factory=dict
    )
    """Types of CSV columns that are not to be found out from their values."""
    suite: str | tuple[str, ...] = ()
    """Files with expectations: Great Expectations suites (0.15 to 1.x) as they are, or a list like `expect`."""
    expect: tuple[Mapping[str, Any], ...] = ()
    """Expectations, each `name: {argument: value}`; `mostly` and `severity` stand beside the arguments."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values for `{"$PARAMETER": name}` in its expectations."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    """Columns whose values must be keys of other assets."""
    no_overlap_with: NoOverlapWith | tuple[NoOverlapWith, ...] = ()
    """Other assets that no row of this one may stand in, exactly or nearly: leakage between training and test."""
    no_overlap_between: NoOverlapBetween | None = None
    """Splits of this asset, told apart by a column, that may have no row in common."""
    no_near_duplicates: NoNearDuplicates | None = None
    """Texts of which it may hold no two that are nearly the same."""
    same_distribution_as: SameDistributionAs | tuple[SameDistributionAs, ...] = ()
    """Other assets in which labels are as frequent as in this one."""
    same_columns_as: SameColumnsAs | tuple[SameColumnsAs, ...] = ()
    """Other assets that have the same columns."""
    images: Images | None = None
    """What is asked of a folder of images."""
    allow_empty: bool = False
    """Let an asset without rows or without expectations pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GreatExpectations:
    """A project of Great Expectations, whose checkpoints run as they are."""

    __pydantic_config__ = CHECKED

    project: str
    """The folder with `great_expectations.yml`, or with a `gx/` or `great_expectations/` that has it."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Where the files of a datasource lie, by its name, where the project file says otherwise."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values that suites leave open (`{"$PARAMETER": name}`)."""
    allow_empty: bool = False
    """Let files without rows and suites without expectations pass."""
