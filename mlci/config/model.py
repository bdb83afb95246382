"""What `mlci.yaml` says, as frozen values; an attribute's docstring is its entry in the schema and the reference.

These are standard-library dataclasses, so that a run which finds its configuration already checked never
imports the library that checks it. Attribute names become keys with dashes (`max_drop` is `max-drop`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


def _key(attribute: str) -> str:
    return attribute.replace("_", "-")


CHECKED: dict[str, Any] = {
    "allow_inf_nan": False,
    "extra": "forbid",
    "alias_generator": _key,
    "use_attribute_docstrings": True,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a number must keep to."""

    __pydantic_config__ = CHECKED

    min: float | None = None
    """Smallest value that passes."""
    max: float | None = None
    """Largest value that passes."""
    max_drop: float | str | None = None
    """How much worse than the baseline it may get: in its own unit, or relative to the baseline as `2%`."""
    direction: Literal["higher", "lower"] | None = None
    """Which way is better; known for registered metrics, needed for any other number with a `max-drop`."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Limits on the coverage of the project's own code, in percent and percentage points."""

    __pydantic_config__ = CHECKED

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

    pytest: tuple[str, ...] = ()
    """Arguments to pytest: folders, files, `-m`, `-k` and so on."""
    source: tuple[str, ...] = ()
    """Folders or packages whose coverage is measured; without it coverage's own configuration decides."""
    coverage: Coverage | None = None
    """Limits on coverage; coverage is measured and reported without them too."""
    timeout: float = 1800
    """Seconds that the whole run of the tests may take."""
    allow_empty: bool = False
    """Let the gate pass where pytest collects no test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataAsset:
    """A data file and what is expected of it."""

    __pydantic_config__ = CHECKED

    path: str
    """The file, relative to `mlci.yaml`."""
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
    suite: str | tuple[str, ...] = ()
    """Files with expectations: Great Expectations suites (0.15 to 1.x) as they are, or a list like `expect`."""
    expect: tuple[Mapping[str, Any], ...] = ()
    """Expectations, each `name: {argument: value}`; `mostly` and `severity` stand beside the arguments."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values for `{"$PARAMETER": name}` in its expectations."""
    allow_empty: bool = False
    """Let an asset without rows or without expectations pass."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluate:
    """The labelled examples that a model's metrics are computed on."""

    __pydantic_config__ = CHECKED

    data: str
    """The file with the examples (CSV or Parquet), relative to `mlci.yaml`."""
    input: str | tuple[str, ...] | None = None
    """The column given to `predict`, or several as a row; every column but label and id when left out."""
    label: str = "label"
    """The column with the true label or value."""
    id: str | None = None
    """The column that names an example; the row number when left out."""
    null_values: tuple[str, ...] | None = None
    """Texts of a CSV file that mean a missing value, as for data: `[""]` keeps a class called `None`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model, what it is evaluated on, and what it must keep to."""

    __pydantic_config__ = CHECKED

    predict: str | None = None
    """`module:function` that takes a list of inputs and returns a prediction for each."""
    predictions: str | None = None
    """A file (CSV or Parquet) with predictions already made, joined to the examples by id."""
    prediction: str = "prediction"
    """The column of the predictions file with the predicted label or value."""
    probability: str | None = None
    """The column of the predictions file with the probability of `positive`, or the prefix of one column a class."""
    positive: str | int | bool | None = None
    """The label that binary metrics take for positive; the larger of two when left out."""
    prepare: str | tuple[str, ...] | None = None
    """The command that fetches or trains a model that is not in git (`dvc pull`, `python train.py`)."""
    evaluate: Evaluate | None = None
    """The labelled examples that metrics are computed on."""
    metrics: Mapping[str, Limits] = field(default_factory=dict)
    """Metrics by scikit-learn's names, each with its limits; an empty mapping reports without limits."""
    slices: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Parts of the examples looked at on their own: `by: [columns]`, and `name: SQL expression`."""
    min_slice_size: int = 20
    """Slices with fewer examples are reported as too small to judge."""
    slice_metrics: Mapping[str, Limits] = field(default_factory=dict)
    """Limits on metrics that hold on every slice."""
    behaviour: tuple[str, ...] = ()
    """Behaviour suites: files or globs of YAML."""
    seed: int = 0
    """The seed of every random choice in the behaviour suites."""
    batch_size: int = 1024
    """How many inputs one call of `predict` is given."""
    timeout: float = 600
    """Seconds that one call of `predict`, or `prepare`, may take."""
    memory: str | None = None
    """How much memory the model may use, as `4GB`; unlimited when left out."""
    allow_empty: bool = False
    """Let a model without metrics and behaviour cases pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """Where the numbers to compare with come from."""

    __pydantic_config__ = CHECKED

    store: Literal["file"] = "file"
    """`file`: a file committed in git, written by `mlci baseline save` and read at the merge-base."""
    path: str = "mlci-baseline.json"
    """The file, relative to `mlci.yaml`."""
    recompute: bool = False
    """Where the store has no baseline, run the gates at the merge-base in a git worktree of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The configuration of mlci, version 1."""

    __pydantic_config__ = CHECKED

    version: Literal[1]
    """The version of this format: 1."""
    project: str | None = None
    """The name of the project in reports; the folder's name when left out."""
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
    data: Mapping[str, DataAsset] = field(default_factory=dict)
    """The data gate: data files by name."""
    model: Mapping[str, Model] = field(default_factory=dict)
    """The model gate: models by name."""
    metrics: Mapping[str, Mapping[str, Limits]] = field(default_factory=dict)
    """The metrics gate: JSON and YAML files, each with dotted paths of numbers and their limits."""
    great_expectations: tuple[str | GreatExpectations, ...] = ()
    """The data gate: projects of Great Expectations whose checkpoints it runs, folders or mappings."""
    baseline: Baseline | None = None
    """Where the numbers to compare with come from."""

    def names(self, gate: str) -> bool:
        """Whether anything is said of the gate called `gate`."""
        return bool(getattr(self, gate)) or (gate == "data" and bool(self.great_expectations))
