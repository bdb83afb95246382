"""What `data:` and `great-expectations:` of `mlci.yaml` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.config.common import CHECKED
from mlci.config.drift import Drift, Freshness


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """A data file and what is expected of it."""

    __pydantic_config__ = CHECKED

    path: str
    """The file, relative to `mlci.yaml`."""
    format: Literal["csv", "tsv", "parquet"] | None = None
    """How to read it; taken from the file's name when left out."""
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
    drift: Drift | None = None
    """How far the distribution of its columns may move from that of another asset, or of the baseline."""
    freshness: Freshness | None = None
    """How old its newest row may be."""
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
