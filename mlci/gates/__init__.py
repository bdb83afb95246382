"""The gates: what each is given and what each gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.baselines.base import Base
from mlci.changed.files import Changed
from mlci.config.model import Config
from mlci.errors import Where
from mlci.feeding import touches
from mlci.results.model import Check, Gate, GateName, Metric, worst
from mlci.results.profile import Profile
from mlci.results.training import Training

if TYPE_CHECKING:
    from mlci.baselines.model import Found
    from mlci.code.record import CodeRecord
    from mlci.config.when import When
    from mlci.git import Repository
    from mlci.interpreter import Interpreter
    from mlci.model.paired import Predicted
    from mlci.pipeline.runs import Pipelines
    from mlci.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every gate is given; `find_python` is called at most once, and only by a gate that needs it."""

    root: Path
    """The folder of `mlci.yaml`; every path of the configuration is relative to it."""
    config: Config
    """The whole configuration."""
    where: Callable[..., Where]
    """`where("data", "tags", "expect", 0)` is the place of that key in `mlci.yaml`."""
    find_python: Callable[[], Interpreter]
    """Finds the project's interpreter; raises `CannotRun` when there is none."""
    out: Path
    """The report folder, where a gate may leave files of its own (failing rows)."""
    files: frozenset[Path] | None = None
    """Absolute paths that the run is limited to: only what they feed is looked at. None is everything."""
    repository: Repository | None = None
    """The git repository of the project."""
    find_base: Callable[[], Base] = lambda: Base(commit=None, note="not looked for")
    """Finds the commit that the run is compared with."""
    find_baseline: Callable[[], Found | None] = lambda: None
    """Finds the baseline, once for all that ask; None where the configuration asks for none, or at the base itself."""
    find_changed: Callable[[], Changed] = lambda: Changed(paths=None, told="not looked for")
    """Finds the files that the change touches, once for all that ask."""
    keeps: bool = False
    """Whether what models said is kept, for a comparison or for a store."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the run is, by what data that must be fresh is judged."""
    at_base: bool = False
    """Whether this is the baseline's run: then `src` stands before an editable installation of the change."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables that the project's code is given beside those of the environment, as the seed of a training."""
    in_hook: bool = False
    """Whether a commit waits for it: then what is only told, and judged by nothing, is left out."""
    rows: int = 20
    """How many failing rows of each check are told by number, line and key."""
    gx_results: Path | None = None
    """The folder that results of expectations are written to in the shape of Great Expectations."""
    progress: Callable[[str], None] = lambda _line: None
    """Says a line about long work."""

    @cached_property
    def python(self) -> Interpreter:
        """The project's interpreter."""
        return self.find_python()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The project's own expectations, perturbations, metrics and so on; a gate ends with `end_plugins`."""
        from mlci.vocabulary.opening import opened

        return opened(self.config, root=self.root, find_python=lambda: self.python)

    def left_out(self, when: When | None, identity: str, what: str, *key: str | int) -> Check | None:
        """Return the skipped check called `identity` where a condition at `key` of the config is not met."""
        if when is None:
            return None
        from mlci.changed.when import left_out, unmet

        place = self.where(*key)
        reason = unmet(when, self.find_changed(), config=Path(place.path).name)
        return None if reason is None else left_out(identity, what, reason, when, place)

    @cached_property
    def pipelines(self) -> Pipelines:
        """The project's pipelines; whoever made the context calls `end_pipelines`."""
        from mlci.pipeline.runs import Pipelines

        return Pipelines(self)

    def end_pipelines(self) -> None:
        """Remove what pipelines have written, where any ran."""
        if "pipelines" in self.__dict__:
            self.pipelines.close()

    def end_plugins(self) -> None:
        """End the process that the project's own functions run in, where there is one."""
        if "vocabulary" in self.__dict__:
            self.vocabulary.close()

    def feeds(self, *paths: Path) -> bool:
        """Whether one of `paths` (a folder counts for all below it) is among the files that the run is limited to."""
        return self.files is None or touches(self.files, paths)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a gate gives back."""

    gate: Gate
    metrics: tuple[Metric, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    """Distributions of assets and of predictions, for a baseline."""
    predicted: Mapping[str, Predicted] = field(default_factory=dict)
    """What each model said of its examples, for a comparison with another run; it is in no report."""
    trainings: Mapping[str, tuple[Training, ...]] = field(default_factory=dict)
    """The numbers of each training of a recipe, by model."""
    code: CodeRecord | None = None
    """How each test ended and what it covered of each file, for a baseline; None where the tests did not all run."""


def plugin_problems(name: GateName, context: Context) -> tuple[Check, ...]:
    """Return an errored check of the gate called `name` for each thing that is wrong with the project's plugins."""
    if not context.config.own.modules:
        return ()
    return tuple(
        Check(
            id=f"{name}.plugins.{problem.module}",
            status="errored",
            summary=f"the plugins of {problem.module} cannot be used",
            reason=problem.reason,
            where=context.where("plugins"),
            details={"output": problem.details} if problem.details else {},
        )
        for problem in context.vocabulary.problems
    )


def gate_of(name: GateName, checks: tuple[Check, ...], *, duration_s: float) -> Gate:
    """Sum up `checks` into the gate called `name`; its reason is that of the first check of the worst status."""
    status = worst(check.status for check in checks)
    reason = next((check.reason for check in checks if check.status == status), None)
    return Gate(name=name, status=status, reason=reason, duration_s=duration_s, checks=checks)
