"""What `model:` of `mlci.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mlci.config.common import CHECKED, Limits, Severity, ruled

if TYPE_CHECKING:
    from mlci.config.analysis import Analyse, FindSlices
    from mlci.config.drift import PredictionDrift
    from mlci.config.explain import Explain, Fairness
    from mlci.config.inference import Inference, Latency, SizeLimits
    from mlci.config.serving import Artifact, Endpoint
    from mlci.config.when import BehaviourSuite, When


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluate:
    """The labelled examples that a model's metrics are computed on."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(binding="data input label id group null_values")

    data: str
    """The examples, relative to `mlci.yaml`: a file, a folder, a pattern or a URL, in any format of data assets."""
    input: str | tuple[str, ...] | None = None
    """The column given to `predict`, or several as a row; every column but label, id and group when left out."""
    label: str = "label"
    """The column with the true label or value."""
    id: str | None = None
    """The column that names an example; the row number when left out."""
    group: str | None = None
    """The column of what examples are ranked within, as a query, for metrics of rankings; not given to `predict`."""
    null_values: tuple[str, ...] | None = None
    """Texts of a CSV file that mean a missing value, as for data: `[""]` keeps a class called `None`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceFunction:
    """A slice that a function of the project's own chooses."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(other="function settings")

    function: str
    """`module:function` that is given rows, each a mapping of columns, and returns for each whether it belongs."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the function is given by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricLimits(Limits):
    """A metric of a model and what it must keep to."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        higher="min",
        lower="max max_drop",
        severity="severity",
        other="direction settings metric k bins alpha",
        function="function",
    )

    # Those of `Limits` again: the schema takes docstrings from the class itself alone.
    min: float | None = None
    """Smallest value that passes."""
    max: float | None = None
    """Largest value that passes."""
    max_drop: float | str | None = None
    """How much worse than the baseline it may get: in its own unit, or relative to the baseline as `2%`."""
    direction: Literal["higher", "lower"] | None = None
    """Which way is better; known for built-in metrics, needed for others with a `max-drop`."""
    severity: Severity = "error"
    """`warning` reports and does not block."""
    function: str | None = None
    """`module:function` of the project's own that computes it, or the name of a metric among its `plugins`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the function is given by name."""
    metric: str | None = None
    """The built-in metric that it is, where its own name is another: `ndcg_5: {metric: ndcg, k: 5}`."""
    k: int | None = None
    """`ndcg`, `mrr`, `recall_at_k`: how many examples of each group count, from the top; `recall_at_k` has 10."""
    bins: int | None = None
    """`expected_calibration_error`: how many bins of equal width; 10 when left out."""
    alpha: float | None = None
    """`mean_pinball_loss`: the quantile that is predicted; 0.5 when left out."""

    @property
    def chosen(self) -> dict[str, Any]:
        """What it says of a built-in metric: its name, where that is another, and its settings."""
        named = {name: getattr(self, name) for name in ("metric", "k", "bins", "alpha")}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model, what it is evaluated on, and what it must keep to."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        source="predict predictions artifact url",
        binding="prediction probability prepare batch_size timeout memory model_files cache",
        seeds="seeds",
        other="positive estimand seed",
        part="evaluate metrics slice_metrics find_slices drift fairness explain inference latency",
        slices="slices",
        condition="when",
        lower="min_slice_size behaviour_max_drop",
        shown="analyse",
        behaviour_suites="behaviour",
        never_break="never_break",
        requirement="require",
        size="peak_memory size",
        allows="allow_empty",
    )

    predict: str | None = None
    """`module:function` that takes a list of inputs and returns a prediction for each."""
    predictions: str | None = None
    """Predictions already made, in any format of data assets, joined to the examples by id."""
    artifact: str | Artifact | None = None
    """A saved model: scikit-learn, ONNX, MLflow, PyTorch, Keras or a Hugging Face pipeline; a path or a mapping."""
    url: str | Endpoint | None = None
    """An HTTP endpoint that answers `{"inputs": […]}` with `{"predictions": […]}`; a URL or a mapping."""
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
    metrics: Mapping[str, MetricLimits] = field(default_factory=dict)
    """Metrics by scikit-learn's names or the project's own, each with its limits; an empty mapping only reports."""
    slices: Mapping[str, str | tuple[str, ...] | SliceFunction] = field(default_factory=dict)
    """Parts of the examples looked at on their own: `by: [columns]`, `name: SQL expression`, or a function."""
    min_slice_size: int = 20
    """Slices with fewer examples are reported as too small to judge."""
    slice_metrics: Mapping[str, MetricLimits] = field(default_factory=dict)
    """Limits on metrics that hold on every slice."""
    find_slices: FindSlices | None = None
    """Look for parts of the examples where the model is weak, or got worse since the baseline; `{}` is usual."""
    analyse: Analyse | None = None
    """Error analysis: what is wrong, how surely and where; examples are from its own `data`, never from `evaluate`."""
    drift: PredictionDrift | None = None
    """Compare the distribution of its predictions with the baseline's; `{}` takes what is usual."""
    fairness: Fairness | None = None
    """How far groups may be treated apart."""
    explain: Explain | None = None
    """What the answers may depend on."""
    behaviour: tuple[str | BehaviourSuite, ...] = ()
    """Behaviour suites: files or globs of YAML, or mappings of one with a condition."""
    behaviour_max_drop: float | None = None
    """The share of a suite's cases that may fail in addition to those that fail at the baseline; without it a change is
    shown and does not block."""
    never_break: str | None = None
    """A file (CSV, JSON Lines …) of examples that must be predicted right: ids, or inputs with labels."""
    require: Literal["no-regression", "non-inferiority"] | None = None
    """`non-inferiority` blocks every limit on a drop that is not shown to be kept; what `baseline` says if left out."""
    estimand: Literal["model", "recipe"] = "model"
    """What a drop is a drop of: this `model`, as it is, or the `recipe` that trains it, whose runs differ by chance."""
    seeds: int | tuple[int, ...] | None = None
    """Of `estimand: recipe`: how many seeds, or which, it is trained with in each run; `prepare` finds the seed in
    `MLCI_SEED` or in the place of `{seed}`. Numbers are the means over all."""
    seed: int = 0
    """The seed of every random choice in the behaviour suites."""
    batch_size: int = 1024
    """How many inputs one call of `predict` is given."""
    timeout: float = 600
    """Seconds that one call of `predict`, or `prepare`, may take."""
    memory: str | None = None
    """How much memory the model may use, as `4GB`; unlimited when left out."""
    model_files: tuple[str, ...] | None = None
    """Files and globs that predictions depend on beside Python files and the artifact: weights, vocabularies."""
    cache: bool = False
    """Keep predictions in `.mlci-cache/` until the model's files, its packages or the input change."""
    inference: Inference | None = None
    """Checks of inference itself: valid, repeatable, the same alone and in a batch; `{}` has them all."""
    latency: Latency | None = None
    """Limits on the time of a call and on throughput."""
    peak_memory: str | SizeLimits | None = None
    """The most memory that the model's process may have needed in the end, as `500MB`."""
    size: str | SizeLimits | None = None
    """The most bytes that the artifact, or `model-files`, may have, as `50MB`."""
    when: When | None = None
    """The condition under which the model is looked at."""
    allow_empty: bool = False
    """Let a model without metrics and behaviour cases pass."""

    def chosen(self, metric: str) -> dict[str, Any]:
        """Return what is said of the built-in metric called `metric` here: its name and its settings."""
        written = [each[metric] for each in (self.slice_metrics, self.metrics) if metric in each]
        return {key: value for each in written for key, value in getattr(each, "chosen", {}).items()}

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds that it is trained with, the one that everything but numbers is looked at with first."""
        return tuple(range(1, self.seeds + 1)) if isinstance(self.seeds, int) else self.seeds or ()

    @property
    def needs_examples(self) -> bool:
        """Whether something of it is computed on labelled examples."""
        explained = self.explain is not None and (self.explain.importance or self.explain.surrogate)
        return bool(
            self.metrics
            or self.slices
            or self.slice_metrics
            or self.find_slices
            or self.analyse
            or self.drift
            or self.predictions
            or self.never_break
            or self.fairness
            or explained
        )

    @property
    def answers(self) -> bool:
        """Whether the model can be asked about new inputs, which a file of predictions cannot."""
        return self.predictions is None

    @property
    def source(self) -> str:
        """The key that says where predictions come from."""
        known = ("predict", "artifact", "url", "predictions")
        return next((key for key in known if getattr(self, key) is not None), known[0])

    @property
    def saved(self) -> Artifact | None:
        """The artifact, where there is one."""
        from mlci.config.serving import Artifact

        return Artifact(path=self.artifact) if isinstance(self.artifact, str) else self.artifact

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint, where there is one."""
        from mlci.config.serving import Endpoint

        return Endpoint(url=self.url) if isinstance(self.url, str) else self.url
