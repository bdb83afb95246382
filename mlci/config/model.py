"""What `mlci.yaml` says, as frozen values; an attribute's docstring is its entry in the schema and the reference.

These are standard-library dataclasses, so that a run which finds its configuration already checked never
imports the library that checks it. Attribute names become keys with dashes (`max_drop` is `max-drop`). Each part has a
module of its own, which is imported only where a configuration has that part; `check` brings them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mlci.config.common import CHECKED, Limits, ruled
from mlci.results.model import GateName

if TYPE_CHECKING:
    from mlci.config.baselines import Baseline
    from mlci.config.code import CodeGate
    from mlci.config.data import DataAsset, GreatExpectations
    from mlci.config.models import Model
    from mlci.config.pipeline import Pipeline
    from mlci.config.plugins import Plugins
    from mlci.config.publish import Publish
    from mlci.config.waivers import Waiver
    from mlci.config.when import When

    MetricEntry = Limits | When


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The configuration of mlci, version 1."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        shown="version projects publish",
        binding="python worker_env",
        higher="false_alarm_rate",
        allows="show_values",
        subject="code",
        subjects="data model metrics pipeline",
        projects="great_expectations",
        baseline="baseline",
        waivers="waivers",
        plugins="plugins",
        project_name="project",
        other="rules_label",
        conditions="when",
    )

    version: Literal[1]
    """The version of this format: 1."""
    project: str | None = None
    """The name of the project in reports; the folder's name when left out."""
    projects: tuple[str, ...] = ()
    """Folders below, or patterns of them, with an `mlci.yaml` of their own: all are run, and told in one report."""
    python: str | None = None
    """The interpreter that tests and models run under, relative to `mlci.yaml`; found by itself when left out."""
    worker_env: tuple[str, ...] = ()
    """Environment variables passed through to tests, models and `prepare`; anything like a secret is removed else."""
    false_alarm_rate: float = 0.05
    """The share of harmless changes that comparisons of examples with examples may block, over the whole change."""
    show_values: bool = False
    """Let values of data rows appear in the comment and the console."""
    code: CodeGate | None = None
    """The code gate: tests and coverage."""
    pipeline: Mapping[str, Pipeline] = field(default_factory=dict)
    """The code gate: commands of the project from data to predictions, by name, run in a copy of it."""
    data: Mapping[str, DataAsset] = field(default_factory=dict)
    """The data gate: data files by name."""
    model: Mapping[str, Model] = field(default_factory=dict)
    """The model gate: models by name."""
    metrics: Mapping[str, Mapping[str, MetricEntry]] = field(default_factory=dict)
    """The metrics gate: JSON and YAML files, each with dotted paths of numbers and their limits, and maybe `when`."""
    great_expectations: tuple[str | GreatExpectations, ...] = ()
    """The data gate: projects of Great Expectations whose checkpoints it runs, folders or mappings."""
    when: Mapping[GateName, When] = field(default_factory=dict)
    """Conditions on whole gates, by name: `model: {changed: [src/**]}`."""
    baseline: Baseline | None = None
    """Where the numbers to compare with come from."""
    rules_label: str = "mlci-rules"
    """The label of a pull request by which a maintainer lets loosened rules pass; what the base branch says counts."""
    waivers: tuple[Waiver, ...] | str = ()
    """Losses that are accepted until a date: a list, or the file that has it."""
    publish: Publish | None = None
    """What is posted on a pull request, and when."""
    plugins: tuple[str, ...] | Plugins = ()
    """The project's own expectations, perturbations, metrics and so on: modules or Python files with them."""

    @property
    def own(self) -> Plugins:
        """What `plugins` says, in full."""
        from mlci.config.plugins import Plugins

        return self.plugins if isinstance(self.plugins, Plugins) else Plugins(modules=self.plugins)

    def names(self, gate: str) -> bool:
        """Whether anything is said of the gate called `gate`."""
        also = {"data": self.great_expectations, "code": self.pipeline}.get(gate)
        return bool(getattr(self, gate)) or bool(also)
