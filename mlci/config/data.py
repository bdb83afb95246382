"""What `data:` and `great-expectations:` of `mlci.yaml` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mlci.config.common import CHECKED, ruled
from mlci.locations import redacted

if TYPE_CHECKING:
    from mlci.config.across import (
        ForeignKey,
        Images,
        NoNearDuplicates,
        NoOverlapBetween,
        NoOverlapWith,
        SameColumnsAs,
        SameDistributionAs,
    )
    from mlci.config.diff import Diff
    from mlci.config.drift import Drift, Freshness
    from mlci.config.sources import Loader, Spark, Sql
    from mlci.config.when import When


READ_WITH = (
    *("format", "delimiter", "quote", "escape", "header", "names", "skip_rows", "comment", "encoding", "null_values"),
    *("types", "sheet", "file_column", "union_by_name"),
)
"""The keys of an asset that say how it is read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """Data and what is expected of it: a file, or what `sql`, `spark` or `loader` says."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        source="path pipeline sql spark loader",
        binding="order_by format delimiter quote escape header names skip_rows comment encoding null_values sheet "
        "file_column key",
        allows="union_by_name allow_empty",
        demands="require_data",
        more="types",
        suites="suite",
        expectations="expect",
        other="parameters",
        difference="diff",
        condition="when",
        part="drift freshness no_overlap_between no_near_duplicates images",
        parts="foreign_keys no_overlap_with same_distribution_as same_columns_as",
    )

    path: str | tuple[str, ...] = ""
    """The file, relative to `mlci.yaml`; also a folder, a pattern (`data/part-*.csv`, `**`), a URL, or a list."""
    sql: Sql | None = None
    """In place of `path`: a table of a SQL database."""
    spark: Spark | None = None
    """In place of `path`: a table or files that Spark reads."""
    loader: str | Loader | None = None
    """In place of `path`: `module:function` of the project that returns the data, alone or with its settings."""
    pipeline: str | None = None
    """The pipeline that writes it: `path` is then one of its outputs, as a run of it left them."""
    order_by: tuple[str, ...] = ()
    """Columns that give the rows of a SQL table an order, which it does not have by itself."""
    format: Literal["csv", "tsv", "json", "jsonl", "parquet", "arrow", "excel", "images"] | None = None
    """How to read it; taken from the file's name when left out. `images` takes `path` for a folder of image files."""
    delimiter: str | None = None
    """What separates the fields of a CSV file: a comma when left out, a tab in TSV."""
    quote: str = '"'
    """What encloses a field of a CSV file that holds a delimiter or a line end; nothing does when empty."""
    escape: str | None = None
    """What stands before a quote inside a quoted field; the quote itself, doubled, when left out."""
    header: bool = True
    """Whether the first row of a CSV file or of an Excel sheet names the columns."""
    names: tuple[str, ...] = ()
    """Names of the columns of a CSV file or an Excel sheet, in place of those in the header."""
    skip_rows: int = 0
    """Lines of a CSV file, or rows of an Excel sheet, above the header."""
    comment: str | None = None
    """What lines of a CSV file begin with that are no data."""
    encoding: str = "utf-8"
    """The encoding of a text file, by Python's names."""
    null_values: tuple[str, ...] | None = None
    """Texts that mean a missing value; docs/sources.md lists those taken in CSV and Excel when left out."""
    types: Mapping[str, Literal["text", "integer", "number", "boolean", "date", "datetime"]] = field(
        default_factory=dict
    )
    """Types of columns that are not to be found out from their values, in formats that are text."""
    sheet: str | int | None = None
    """The sheet of an Excel file, by name or by position from 0; the first when left out."""
    file_column: str | None = None
    """The name of a column to add that holds the file of each row."""
    union_by_name: bool = False
    """Let files of one asset have different columns: a column that a file lacks is missing in its rows."""
    require_data: bool = False
    """Let data that only a DVC or Git LFS pointer is there of be an error, and not skipped."""
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
    when: When | None = None
    """The condition under which it is looked at."""
    allow_empty: bool = False
    """Let an asset without rows or without expectations pass."""

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that name a row together; none where no key is known."""
        return tuple(part for part in ((self.key,) if isinstance(self.key, str) else self.key) if part)

    @property
    def paths(self) -> tuple[str, ...]:
        """What `path` says, as a list."""
        if isinstance(self.path, str):
            return (self.path,) if self.path else ()
        return self.path

    @property
    def elsewhere(self) -> Sql | Spark | Loader | None:
        """What is in place of `path`."""
        if not isinstance(self.loader, str):
            return self.sql or self.spark or self.loader
        from mlci.config.sources import Loader

        return self.sql or self.spark or Loader(function=self.loader)

    @property
    def shown(self) -> str:
        """What messages call its data."""
        return self.elsewhere.shown if self.elsewhere else ", ".join(map(redacted, self.paths))


@dataclass(frozen=True, kw_only=True, slots=True)
class GreatExpectations:
    """A project of Great Expectations, whose checkpoints run as they are."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(shown="project", binding="folders", other="parameters", allows="allow_empty", condition="when")

    project: str
    """The folder with `great_expectations.yml`, or with a `gx/` or `great_expectations/` that has it."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Where the files of a datasource lie, by its name, where the project file says otherwise."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values that suites leave open (`{"$PARAMETER": name}`)."""
    when: When | None = None
    """The condition under which its checkpoints run."""
    allow_empty: bool = False
    """Let files without rows and suites without expectations pass."""
