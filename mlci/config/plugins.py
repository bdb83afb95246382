"""What `plugins:` of `mlci.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Plugins:
    """The project's own expectations, perturbations, metrics and so on, and what their process may use."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(more="modules", binding="timeout memory")

    modules: tuple[str, ...]
    """Modules (`tests.mlci_plugins`) or Python files, relative to `mlci.yaml`."""
    timeout: float = 300
    """Seconds that one call of a function may take."""
    memory: str | None = None
    """How much memory they may use, as `4GB`; unlimited when left out."""
