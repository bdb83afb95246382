"""What a project of Great Expectations asks for, in one shape for all of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlci.config.data import DataAsset
from mlci.errors import MlciError, Where
from mlci.results.model import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What has to be said of a project beside the checks of its data."""

    name: str
    """What it is about, and what is said of it: the end of the check's id."""
    status: Status
    summary: str
    reason: str
    where: Where
    sources: tuple[Path, ...]
    """The files that say so: it is told again when one of them changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One validation of a checkpoint: which data, against which suites."""

    checkpoint: str
    datasource: str
    asset: str
    suites: tuple[str, ...]
    where: Where
    """Where the data is named."""
    suite_where: Where
    sources: tuple[Path, ...]
    """The files that it was read from."""
    connector: str | None = None
    """The data connector, in versions that have them."""
    batch_definition: str | None = None
    path: str | None = None
    """A file named outright, as written."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Which batches of the asset: values of the parts of their file names."""
    index: Any = None
    """Which of those batches, as a number or a slice; the last when left out."""
    reader: str | None = None
    """The function that Great Expectations reads the file with."""
    reader_options: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values for `{"$PARAMETER": name}`."""

    @property
    def name(self) -> str:
        """What checks call it."""
        return f"{self.checkpoint}/{self.asset}"

    def errored(self, part: str, summary: str, error: MlciError, where: Where) -> Note:
        """Return a note that `part` of it could not be checked."""
        return Note(
            name=f"{self.name}.{part}",
            status="errored",
            summary=summary,
            reason=error.says,
            where=error.where or where,
            sources=self.sources,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """The file that a request is about."""

    path: Path
    reader: str | None = None
    reader_options: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[Path, ...] = ()
    """Other files of the asset: batches that Great Expectations does not look at either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """A file and the suites that a checkpoint validates it against, ready for the data gate."""

    name: str
    asset: DataAsset
    where: Where
    parameters: Mapping[str, Any]
    sources: tuple[Path, ...]
    """Every file that it depends on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that the projects ask for."""

    validations: tuple[Validation, ...] = ()
    notes: tuple[Note, ...] = ()
