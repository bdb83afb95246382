"""What `data:` and `great-expectations:` of `mlci.yaml` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.config.common import CHECKED, Severity
from mlci.config.drift import Drift, Freshness
from mlci.config.sources import Loader, Spark, Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """What a change may do to a data file; without limits the difference is shown and does not block."""

    __pydantic_config__ = CHECKED

    max_added: float | str | None = None
    """How many rows may be new: a number, or a share of the rows before as `5%`."""
    max_removed: float | str | None = None
    """How many rows may be gone."""
    max_changed: float | str | None = None
    """How many rows of the same `key` may have another value."""
    same_columns: bool = False
    """Whether columns and their types must stay as they are."""
    ignore: tuple[str, ...] = ()
    """Columns that are not compared."""
    max_size_mb: float = 256
    """Files of more megabytes than this are not compared."""
    severity: Severity = "error"
    """`warning` reports and does not block."""

    @property
    def limits(self) -> tuple[str, ...]:
        """The keys that limit a change."""
        named = ("max_added", "max_removed", "max_changed")
        columns = ("same-columns",) if self.same_columns else ()
        return (*(name.replace("_", "-") for name in named if getattr(self, name) is not None), *columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """Data and what is expected of it: a file, or what `sql`, `spark` or `loader` says."""

    __pydantic_config__ = CHECKED

    path: str = ""
    """The file, relative to `mlci.yaml`."""
    sql: Sql | None = None
    """In place of `path`: a table of a SQL database."""
    spark: Spark | None = None
    """In place of `path`: a table or files that Spark reads."""
    loader: str | Loader | None = None
    """In place of `path`: `module:function` of the project that returns the data, alone or with its settings."""
    order_by: tuple[str, ...] = ()
    """Columns that give the rows of a SQL table an order, which it does not have by itself."""
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
    key: str | tuple[str, ...] = ()
    """The column that names a row, or several that do together: failing and changed rows are told by it."""
    suite: str | tuple[str, ...] = ()
    """Files with expectations: Great Expectations suites (0.15 to 1.x) as they are, or a list like `expect`."""
    expect: tuple[Mapping[str, Any], ...] = ()
    """Expectations, each `name: {argument: value}`; `mostly` and `severity` stand beside the arguments."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values for `{"$PARAMETER": name}` in its expectations."""
    diff: bool | Diff = True
    """What of its difference from the base commit is allowed; `false` does not look at it."""
    drift: Drift | None = None
    """How far the distribution of its columns may move from that of another asset, or of the baseline."""
    freshness: Freshness | None = None
    """How old its newest row may be."""
    allow_empty: bool = False
    """Let an asset without rows or without expectations pass."""

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that name a row together; none where no key is known."""
        return tuple(part for part in ((self.key,) if isinstance(self.key, str) else self.key) if part)

    @property
    def paths(self) -> tuple[str, ...]:
        """What `path` says, as a list."""
        return (self.path,) if self.path else ()

    @property
    def elsewhere(self) -> Sql | Spark | Loader | None:
        """What is in place of `path`."""
        loader = Loader(function=self.loader) if isinstance(self.loader, str) else self.loader
        return self.sql or self.spark or loader

    @property
    def shown(self) -> str:
        """What messages call its data."""
        return self.elsewhere.shown if self.elsewhere else ", ".join(self.paths)


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
