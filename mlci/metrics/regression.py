"""Metrics of predicted numbers."""

from __future__ import annotations

from collections.abc import Callable

from mlci.errors import CannotRun
from mlci.metrics import METRICS
from mlci.metrics.scorer import PairedTest, Sample, Scorer

FUNCTIONS = {
    "mean_absolute_error": (False, "Mean distance between true and predicted value."),
    "mean_squared_error": (False, "Mean squared distance between true and predicted value."),
    "root_mean_squared_error": (False, "Square root of the mean squared distance: large errors count more."),
    "median_absolute_error": (False, "Median distance between true and predicted value: outliers do not count."),
    "mean_absolute_percentage_error": (False, "Mean distance as a share of the true value (0.1 is 10 %)."),
    "mean_squared_log_error": (False, "Mean squared distance between logarithms of 1 plus the values."),
    "root_mean_squared_log_error": (
        False,
        "Square root of the mean squared distance between logarithms of 1 + each.",
    ),
    "max_error": (False, "Largest distance between true and predicted value."),
    "r2": (True, "Share of the variance that is explained: 1 is perfect, 0 is as good as the mean."),
    "explained_variance": (True, "Share of the variance that is explained, a constant shift forgiven."),
}


def _metric(name: str, doc: str) -> Callable[[Sample], float]:
    def compute(sample: Sample) -> float:
        from sklearn import metrics

        if name in ("r2", "explained_variance") and len(set(sample.truth)) == 1:
            raise CannotRun(f"is not defined: all {len(sample.truth)} true values are the same")
        function = getattr(metrics, name, None) or getattr(metrics, f"{name}_score")
        return float(function(sample.truth, sample.predicted))

    compute.__doc__ = doc
    return compute


def mean_pinball_loss(sample: Sample, *, alpha: float = 0.5) -> float:
    """Mean quantile loss: predictions of the quantile `alpha`, too low ones counting `alpha` and others 1 - alpha."""
    from sklearn import metrics

    return float(metrics.mean_pinball_loss(sample.truth, sample.predicted, alpha=alpha))


METRICS.register(
    "mean_pinball_loss",
    Scorer(
        name="mean_pinball_loss",
        compute=mean_pinball_loss,
        higher_is_better=False,
        needs="numbers",
        paired=PairedTest("regression", "mean_pinball_loss"),
        settings=("alpha",),
    ),
)

WITHOUT_TEST = ("max_error",)
"""It hangs on one example, so that no test could tell a change of it from chance."""

for _name, (_higher, _doc) in FUNCTIONS.items():
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_metric(_name, _doc),
            higher_is_better=_higher,
            needs="numbers",
            paired=None if _name in WITHOUT_TEST else PairedTest("regression", _name),
        ),
    )
