"""A healthy perceptron of scikit-learn, and a planted bug for each training check that has a meaning there."""

import pickle
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlci.testing.sklearn import training_of

DRAW = np.random.default_rng(7)
ROWS = DRAW.normal(size=(24, 6))
LABELS = np.array(["low", "mid", "top"])[(ROWS[:, 0] > -0.5).astype(int) + (ROWS[:, 0] > 0.5)]
WIDE = DRAW.normal(size=(60, 300))
TWO = np.arange(60) % 2


def perceptron(kind=MLPClassifier, **others):
    return kind(hidden_layer_sizes=(16,), learning_rate_init=0.02, **others)


def training(estimator=perceptron, **others):
    return training_of(estimator, **{"inputs": ROWS, "targets": LABELS, "classes": 3, **others})


# --- what a healthy project gives beside the model --------------------------------------------------------------------


def fit(model, data, validation, max_epochs, *, patience=3, watched=1):
    history, best, waited = [], np.inf, 0
    for _ in range(max_epochs):
        model.partial_fit(*data, classes=np.unique(data[1]))
        history.append(log_loss(validation[1], model.predict_proba(validation[0])))
        loss = (log_loss(data[1], model.predict_proba(data[0])), history[-1])[watched]
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= patience:
            break
    return history


def watching_the_training_loss(model, data, validation, max_epochs):
    return fit(model, data, validation, max_epochs, watched=0)


def write(model, folder):
    (folder / "model.pkl").write_bytes(pickle.dumps(model))


def write_text(model, folder):
    (folder / "model.pkl").write_text(str(model))


def experiment(inputs, targets, seed):
    train, held_out, known, wanted = train_test_split(
        inputs, targets, test_size=0.5, stratify=targets, random_state=seed
    )
    return wanted, make_pipeline(SelectKBest(k=10), LogisticRegression()).fit(train, known).predict(held_out)


def leaking_experiment(inputs, targets, seed):
    return experiment(SelectKBest(k=10).fit_transform(inputs, targets), targets, seed)


def numbers_experiment(inputs, targets, seed):
    train, held_out, known, wanted = train_test_split(inputs, targets, test_size=0.5, random_state=seed)
    return wanted, Ridge().fit(train, known).predict(held_out)


def rows_in_both_parts(inputs, targets, seed):
    return numbers_experiment(np.repeat(inputs, 4, axis=0), np.repeat(targets, 4), seed)


def prepare(inputs, held_out):
    scaler = StandardScaler().fit(inputs)
    return scaler.transform(inputs), scaler.transform(held_out)


def leaking_prepare(inputs, held_out):
    scaler = StandardScaler().fit(np.concatenate([inputs, held_out]))
    return scaler.transform(inputs), scaler.transform(held_out)


def fitted_twice(inputs, held_out):
    return StandardScaler().fit_transform(inputs), StandardScaler().fit_transform(held_out)


def on_wide(**others):
    return training(LogisticRegression(), inputs=WIDE, targets=TWO, classes=2, **others)


def numbers(**others):
    return training(Ridge(), inputs=WIDE, targets=WIDE[:, 0], classes=None, **others)


def healthy(check):
    if check in ("shuffled_labels_are_chance", "preprocessing_sees_training_alone"):
        return on_wide(experiment=experiment, prepare=prepare)
    if check == "frozen_parameters_stay":
        return training(step=keeping_the_first_layer, frozen=["coefs_[[]0]"])
    return training(fit=fit, write=write, artifacts=["model.pkl"])


# --- planted bugs -----------------------------------------------------------------------------------------------------


class Logarithm(MLPClassifier):
    def predict_proba(self, rows):
        with np.errstate(all="ignore"):
            return np.log(np.sqrt(super().predict_proba(rows) - 0.5))


class LargeInputs(MLPClassifier):
    def partial_fit(self, rows, labels, classes=None):
        return super().partial_fit(rows * 1000, labels, classes=classes)


class ShuffledTargets(MLPClassifier):
    def partial_fit(self, rows, labels, classes=None):
        return super().partial_fit(rows, np.random.permutation(labels), classes=classes)  # noqa: NPY002


class InPlace(MLPClassifier):
    def predict_proba(self, rows):
        rows -= rows.mean(axis=0)
        return super().predict_proba(rows)


class ScaledByTheBatch(MLPClassifier):
    def predict_proba(self, rows):
        return super().predict_proba((rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9))


class InOrder(MLPClassifier):
    def predict_proba(self, rows):
        return super().predict_proba(np.cumsum(rows, axis=0))


class Squeezed(MLPClassifier):
    def predict_proba(self, rows):
        return super().predict_proba(rows).squeeze()


class Constant(MLPClassifier):
    def predict_proba(self, rows):
        return super().predict_proba(rows * 0)


class Noisy(MLPClassifier):
    def predict_proba(self, rows):
        return super().predict_proba(rows + np.random.normal(size=rows.shape))  # noqa: NPY002


class Column(MLPRegressor):
    def predict(self, rows):
        return super().predict(rows).reshape(-1, 1)


class Unseeded(MLPClassifier):
    def partial_fit(self, rows, labels, classes=None):
        return super().partial_fit(rows + np.random.default_rng().normal(size=rows.shape), labels, classes=classes)


class WithoutItsState(MLPClassifier):
    def __getstate__(self):
        return {**super().__getstate__(), "_optimizer": None}

    def partial_fit(self, rows, labels, classes=None):
        if getattr(self, "_optimizer", self) is None:
            del self._optimizer
        return super().partial_fit(rows, labels, classes=classes)


class WithoutIntercept(SGDClassifier):
    """Puts its intercept back after each step: it is not learnt."""

    def partial_fit(self, rows, labels, classes=None):
        super().partial_fit(rows, labels, classes=classes)
        self.intercept_ = np.zeros_like(self.intercept_)
        return self


class Rounding(BaseEstimator, TransformerMixin):
    """Keeps what it was fitted with outside of what a pickle holds."""

    _mean: ClassVar = {}

    def fit(self, rows, _labels=None):
        self._mean[id(self)] = rows.mean(axis=0)
        return self

    def transform(self, rows):
        return rows - self._mean.get(id(self), 0)


def keeping_the_first_layer(estimator, rows, labels):
    before = [each.copy() for each in getattr(estimator, "coefs_", ())]
    estimator.partial_fit(rows, labels, classes=np.unique(LABELS))
    if before:
        estimator.coefs_[0] = before[0]


def keeping_nothing(estimator, rows, labels):
    estimator.partial_fit(rows, labels, classes=np.unique(LABELS))


PLANTED = {
    "artifacts_written": lambda: training(write=lambda *_: None, artifacts=["model.pkl"]),
    "batch_order_does_not_matter": lambda: training(perceptron(InOrder)),
    "early_stopping_stops": lambda: training(fit=watching_the_training_loss),
    "finite": lambda: training(perceptron(Logarithm)),
    "frozen_parameters_stay": lambda: training(step=keeping_nothing, frozen=["coefs_[[]0]"]),
    "initial_loss": lambda: training(perceptron(LargeInputs)),
    "inputs_left_alone": lambda: training(perceptron(InPlace)),
    "learning_rate_in_bounds": lambda: training(perceptron(solver="sgd", learning_rate="invscaling", power_t=6.0)),
    "loss_falls": lambda: training(perceptron().set_params(learning_rate_init=30.0)),
    "no_leak_across_a_batch": lambda: training(perceptron(ScaledByTheBatch)),
    "one_input_equals_a_batch": lambda: training(perceptron(Squeezed)),
    "output_shape": lambda: training(perceptron(Column), targets=ROWS[:, 0], classes=None),
    "overfits_a_batch": lambda: training(perceptron(ShuffledTargets)),
    "parameters_change": lambda: training(WithoutIntercept()),
    "predictions_depend_on_inputs": lambda: training(perceptron(Constant)),
    "predictions_repeat": lambda: training(perceptron(Noisy)),
    "preprocessing_sees_training_alone": lambda: on_wide(prepare=leaking_prepare),
    "resumed_equals_uninterrupted": lambda: training(perceptron(WithoutItsState)),
    "same_seed_same_result": lambda: training(perceptron(Unseeded)),
    "saved_and_loaded_equal": lambda: training(make_pipeline(Rounding(), LogisticRegression())),
    "shuffled_labels_are_chance": lambda: on_wide(experiment=leaking_experiment),
}
MORE = [
    (
        "artifacts_written",
        lambda: training(write=lambda _, folder: (folder / "model.pkl").touch(), artifacts=["*.pkl"]),
    ),
    ("one_input_equals_a_batch", lambda: training(perceptron(ScaledByTheBatch))),
    ("preprocessing_sees_training_alone", lambda: on_wide(prepare=fitted_twice)),
    ("shuffled_labels_are_chance", lambda: numbers(experiment=rows_in_both_parts)),
]
NOT_APPLICABLE = {
    "devices_agree": "computes on the CPU alone",
    "gradients_reach_every_parameter": "shows no gradients",
}
