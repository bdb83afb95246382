"""What `data:` and `great-expectations:` of `mlci.yaml` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.config.common import CHECKED
from mlci.locations import redacted


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """A data file and what is expected of it."""

    __pydantic_config__ = CHECKED

    path: str | tuple[str, ...]
    """The file, relative to `mlci.yaml`; also a folder, a pattern (`data/part-*.csv`, `**`), a URL, or a list."""
    format: Literal["csv", "tsv", "json", "jsonl", "parquet", "arrow", "excel"] | None = None
    """How to read it; taken from the file's name when left out."""
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
    suite: str | tuple[str, ...] = ()
    """Files with expectations: Great Expectations suites (0.15 to 1.x) as they are, or a list like `expect`."""
    expect: tuple[Mapping[str, Any], ...] = ()
    """Expectations, each `name: {argument: value}`; `mostly` and `severity` stand beside the arguments."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values for `{"$PARAMETER": name}` in its expectations."""
    allow_empty: bool = False
    """Let an asset without rows or without expectations pass."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What `path` says, as a list."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @property
    def shown(self) -> str:
        """What messages call its data."""
        return ", ".join(redacted(path) for path in self.paths)


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
