"""What `code:` of `mlci.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlci.config.common import CHECKED, Severity, ruled

if TYPE_CHECKING:
    from mlci.config.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Limits on the coverage of the project's own code, in percent and percentage points."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        higher="total changed_lines each_file branches",
        higher_each="files folders",
        demands="branch",
        lower="max_drop",
        severity="severity",
    )

    total: float | None = None
    """Smallest total coverage that passes, in percent."""
    changed_lines: float | None = None
    """Smallest coverage of the statements that the change adds or changes, in percent."""
    each_file: float | None = None
    """Smallest coverage of every single file, in percent."""
    files: Mapping[str, float] = field(default_factory=dict)
    """Smallest coverage of each file that a path or pattern stands for; a file keeps to all that stand for it."""
    folders: Mapping[str, float] = field(default_factory=dict)
    """Smallest coverage of the files below a folder, together."""
    branch: bool = False
    """Measure branches, whatever the project's own configuration of coverage says."""
    branches: float | None = None
    """Smallest share of branches that are taken, in percent; `branch` measures them."""
    max_drop: float | None = None
    """How many percentage points coverage may fall below the baseline's, on the files that both have."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeGate:
    """The project's tests, run by pytest in the project's own environment."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        pytest_arguments="pytest",
        measured="source",
        part="coverage",
        more="notebooks doctests",
        other="coverage_file junit",
        lower="rerun_failed",
        severity="flaky",
        binding="timeout",
        allows="allow_empty",
        condition="when",
    )

    pytest: tuple[str, ...] = ()
    """Arguments to pytest: folders, files, `-m`, `-k` and so on."""
    source: tuple[str, ...] = ()
    """Folders or packages whose coverage is measured; without it coverage's own configuration decides."""
    coverage: Coverage | None = None
    """Limits on coverage; coverage is measured and reported without them too."""
    coverage_file: str | None = None
    """A report of coverage made elsewhere, taken in place of running pytest: `coverage.json`, Cobertura's XML, lcov."""
    junit: str | tuple[str, ...] = ()
    """Reports of tests that ran elsewhere (JUnit XML), taken in place of running pytest: files and patterns."""
    rerun_failed: int = 0
    """How often tests that failed run again; one that passes then is flaky, which is told."""
    flaky: Severity = "warning"
    """`error` lets flaky tests block."""
    notebooks: tuple[str, ...] = ()
    """Notebooks that must run without an error, by nbmake: files and patterns."""
    doctests: tuple[str, ...] = ()
    """Folders and files of the project whose docstrings' examples are run."""
    timeout: float = 1800
    """Seconds that the whole run of the tests may take, with all that runs again."""
    when: When | None = None
    """The condition under which the tests run."""
    allow_empty: bool = False
    """Let the gate pass where pytest collects no test."""

    @property
    def reports(self) -> tuple[str, ...]:
        """The reports of tests that ran elsewhere."""
        return (self.junit,) if isinstance(self.junit, str) else self.junit

    @property
    def runs(self) -> bool:
        """Whether pytest runs here."""
        return not self.reports and self.coverage_file is None
