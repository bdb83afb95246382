"""What `pipeline:` of `mlci.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.config.common import CHECKED, Severity, ruled

if TYPE_CHECKING:
    from mlci.config.when import When


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """The project's own commands from data to predictions, on a small sample, in a temporary copy of the project."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        binding="run include seed timeout memory",
        more="outputs same",
        demands="repeat",
        lower="tolerance",
        severity="severity",
        condition="when",
    )

    run: str | tuple[str, ...]
    """The command, or several in turn, as `python -m topics.pipeline --sample 200 --seed {seed}`; no shell reads it."""
    outputs: tuple[str, ...] = ()
    """Files, folders or patterns that it must write, none of them empty; it may write nothing else, but what git
    ignores."""
    include: tuple[str, ...] = ()
    """Files, folders or patterns that it reads although git ignores them."""
    repeat: bool = True
    """Whether a second run with the same seed must give the same outputs."""
    same: tuple[str, ...] = ()
    """The outputs that must be the same then; all of them when left out."""
    tolerance: float = 0
    """How far numbers in JSON, YAML and CSV outputs of the second run may be off, relative to the larger one."""
    seed: int = 0
    """What `{seed}` in `run` and the variable `MLCI_SEED` stand for."""
    timeout: float = 600
    """Seconds that one run of all commands may take."""
    memory: str | None = None
    """Memory that one command may use, as `4GB`; unlimited when left out."""
    severity: Severity = "error"
    """`warning` reports and does not block."""
    when: When | None = None
    """The condition under which it runs."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands, in turn."""
        return (self.run,) if isinstance(self.run, str) else self.run
