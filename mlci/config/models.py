"""What `model:` of `mlci.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlci.config.common import CHECKED, Limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluate:
    """The labelled examples that a model's metrics are computed on."""

    __pydantic_config__ = CHECKED

    data: str
    """The examples, relative to `mlci.yaml`: a file, a folder, a pattern or a URL, in any format of data assets."""
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
    """Predictions already made, in any format of data assets, joined to the examples by id."""
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
