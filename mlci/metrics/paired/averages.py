"""Table metrics as functions of the shares of right predictions, predictions and labels by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlci.statistics.paired import Bools, Floats
from mlci.statistics.tables import Shares, TableMetric

NONE = 1e-12  # far below the share of one example


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """`right * over / (predicted * by_predicted + true * by_true - right * by_right)` of each class; 0 of 0 is 0."""

    over: float = 1.0
    by_predicted: float = 0.0
    by_true: float = 0.0
    by_right: float = 0.0

    def below(self, of: Shares) -> Floats:
        """Return the denominator of each class, infinite where it is 0."""
        value = of.predicted * self.by_predicted + of.true * self.by_true - of.right * self.by_right
        return np.where(value > NONE, value, np.inf)

    def __call__(self, of: Shares) -> Floats:
        """Return the ratio of each class."""
        ratio: Floats = of.right * self.over / self.below(of)
        return ratio

    def slopes(self, of: Shares) -> Shares:
        """Return the derivatives of each class's ratio with respect to its own shares."""
        below, ratio = self.below(of), self(of)
        return Shares(
            right=(self.over + self.by_right * ratio) / below,
            predicted=-self.by_predicted * ratio / below,
            true=-self.by_true * ratio / below,
        )


RATIOS = {
    "precision": Ratio(by_predicted=1),
    "recall": Ratio(by_true=1),
    "f1": Ratio(over=2, by_predicted=1, by_true=1),
    "jaccard": Ratio(by_predicted=1, by_true=1, by_right=1),
}


def of_class(ratio: Ratio, number: int) -> TableMetric:
    """Return the ratio of one class."""

    def value(of: Shares) -> Floats:
        return ratio(of)[..., number]

    def gradient(of: Shares) -> Shares:
        return _times(ratio.slopes(of), np.arange(of.true.shape[-1]) == number)

    return TableMetric(value=value, gradient=gradient)


def macro(ratio: Ratio) -> TableMetric:
    """Return the mean of the ratio over the classes that are true or predicted."""

    def weights(of: Shares) -> Floats:
        return _alike(of.predicted + of.true > NONE)

    return TableMetric(
        value=lambda of: (ratio(of) * weights(of)).sum(axis=-1),
        gradient=lambda of: _times(ratio.slopes(of), weights(of)),
    )


def weighted(ratio: Ratio) -> TableMetric:
    """Return the mean of the ratio over classes, weighted by how often each is true."""

    def gradient(of: Shares) -> Shares:
        slopes = _times(ratio.slopes(of), of.true)
        return Shares(right=slopes.right, predicted=slopes.predicted, true=slopes.true + ratio(of))

    return TableMetric(value=lambda of: (ratio(of) * of.true).sum(axis=-1), gradient=gradient)


def micro(ratio: Ratio) -> TableMetric:
    """Return the ratio of the sums over all classes."""

    def summed(of: Shares) -> Shares:
        return Shares(right=_sum(of.right), predicted=_sum(of.predicted), true=_sum(of.true))

    return TableMetric(
        value=lambda of: ratio(summed(of))[..., 0],
        gradient=lambda of: _times(ratio.slopes(summed(of)), np.ones_like(of.true)),
    )


def _balanced_weights(of: Shares) -> Floats:
    return _alike(of.true > NONE)


def _matthews(of: Shares) -> Floats:
    covariance = of.right.sum(axis=-1) - (of.predicted * of.true).sum(axis=-1)
    spread = np.sqrt(_spread(of.predicted) * _spread(of.true))
    ratio: Floats = np.where(spread > NONE, covariance / np.where(spread > NONE, spread, 1.0), 0.0)
    return ratio


def _matthews_slopes(of: Shares) -> Shares:
    value = float(_matthews(of))
    predicted, true = float(_spread(of.predicted)), float(_spread(of.true))
    if min(predicted, true) <= NONE:
        return _times(of, np.zeros_like(of.true))
    spread = np.sqrt(predicted * true)
    return Shares(
        right=np.ones_like(of.true) / spread,
        predicted=-of.true / spread + value * of.predicted / predicted,
        true=-of.predicted / spread + value * of.true / true,
    )


def _spread(share: Floats) -> Floats:
    spread: Floats = 1 - (share**2).sum(axis=-1)
    return spread


def _kappa(of: Shares) -> Floats:
    chance = (of.predicted * of.true).sum(axis=-1)
    room = 1 - chance
    ratio: Floats = np.where(room > NONE, (of.right.sum(axis=-1) - chance) / np.where(room > NONE, room, 1.0), 0.0)
    return ratio


def _kappa_slopes(of: Shares) -> Shares:
    room = 1 - float((of.predicted * of.true).sum())
    if room <= NONE:
        return _times(of, np.zeros_like(of.true))
    by_chance = (float(of.right.sum()) - 1) / room**2
    return Shares(right=np.ones_like(of.true) / room, predicted=by_chance * of.true, true=by_chance * of.predicted)


def _alike(counted: Bools) -> Floats:
    weights: Floats = counted / np.maximum(counted.sum(axis=-1, keepdims=True), 1)
    return weights


def _times(of: Shares, factor: Floats) -> Shares:
    return Shares(right=of.right * factor, predicted=of.predicted * factor, true=of.true * factor)


def _sum(share: Floats) -> Floats:
    total: Floats = share.sum(axis=-1, keepdims=True)
    return total


BALANCED = TableMetric(
    value=lambda of: (RATIOS["recall"](of) * _balanced_weights(of)).sum(axis=-1),
    gradient=lambda of: _times(RATIOS["recall"].slopes(of), _balanced_weights(of)),
)
MATTHEWS = TableMetric(value=_matthews, gradient=_matthews_slopes)
KAPPA = TableMetric(value=_kappa, gradient=_kappa_slopes)
