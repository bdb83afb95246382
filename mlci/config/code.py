"""What `code:` of `mlci.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.config.common import CHECKED, Severity, ruled

if TYPE_CHECKING:
    from mlci.config.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Limits on the coverage of the project's own code, in percent and percentage points."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(higher="total", lower="max_drop", severity="severity")

    total: float | None = None
    """Smallest total coverage that passes, in percent."""
    max_drop: float | None = None
    """How many percentage points the total may fall below the baseline's."""
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
    timeout: float = 1800
    """Seconds that the whole run of the tests may take."""
    when: When | None = None
    """The condition under which the tests run."""
    allow_empty: bool = False
    """Let the gate pass where pytest collects no test."""
