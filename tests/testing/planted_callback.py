"""A healthy softmax regression in NumPy alone, through the step callback, and a planted bug for each training check."""

import json
from dataclasses import dataclass, replace

import numpy as np

from mlci.testing import Training

DRAW = np.random.default_rng(3)
ROWS = DRAW.normal(size=(12, 8)).astype(np.float32)
LABELS = np.arange(12) % 3
WIDE = DRAW.normal(size=(40, 150))
TWO = np.arange(40) % 2


@dataclass
class Softmax:
    """Weights, their momentum, and a frozen scale of the inputs."""

    weights: np.ndarray
    bias: np.ndarray
    momentum: np.ndarray
    scale: np.ndarray
    rate: float = 0.5


def make(seed, columns=8):
    weights = np.random.default_rng(seed).normal(scale=0.1, size=(columns, 3)).astype(np.float32)
    return Softmax(weights, np.zeros(3, np.float32), np.zeros_like(weights), np.ones(columns, np.float32))


def scores(model, rows):
    return (rows * model.scale) @ model.weights + model.bias


def probabilities(model, rows):
    powers = np.exp(scores(model, rows) - scores(model, rows).max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(model, rows, labels):
    return -np.log(probabilities(model, rows)[np.arange(len(rows)), labels]).mean()


def gradients(model, rows, labels):
    apart = (probabilities(model, rows) - np.eye(3, dtype=np.float32)[labels]) / len(rows)
    return {"weights": (rows * model.scale).T @ apart, "bias": apart.sum(axis=0)}


def step(model, rows, labels):
    before, found = loss(model, rows, labels), gradients(model, rows, labels)
    model.momentum = 0.5 * model.momentum + found["weights"]
    model.weights = model.weights - model.rate * model.momentum
    model.bias = model.bias - model.rate * found["bias"]
    return before


def save(model, path):
    np.savez(path, **vars(model))


def load(path):
    with np.load(f"{path}.npz") as file:
        return Softmax(**{name: file[name] for name in file.files})


def fit(model, data, validation, max_epochs, better=np.less):
    history, best, waited = [], None, 0
    while len(history) < max_epochs and waited < 2:
        step(model, *data)
        history.append(float(loss(model, *validation)))
        best, waited = (history[-1], 0) if best is None or better(history[-1], best) else (best, waited + 1)
    return history


def write(model, folder):
    (folder / "model.json").write_text(json.dumps(model.weights.tolist()))


def centroids(inputs, targets, held_out):
    means = np.stack([inputs[targets == label].mean(axis=0) for label in (0, 1)])
    return ((held_out[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)


def experiment(inputs, targets, seed):
    order = np.random.default_rng(seed).permutation(len(targets))
    train, held_out = order[::2], order[1::2]
    return targets[held_out], centroids(inputs[train], targets[train], inputs[held_out])


def leaking_experiment(inputs, targets, seed):
    apart = np.abs(inputs[targets == 1].mean(axis=0) - inputs[targets == 0].mean(axis=0))
    return experiment(inputs[:, apart.argsort()[-10:]], targets, seed)


def prepare(inputs, held_out):
    return inputs - inputs.mean(axis=0), held_out - inputs.mean(axis=0)


def leaking_prepare(inputs, held_out):
    mean = np.concatenate([inputs, held_out]).mean(axis=0)
    return inputs - mean, held_out - mean


HEALTHY = Training(
    make=make,
    step=step,
    predict=scores,
    inputs=ROWS,
    targets=LABELS,
    classes=3,
    parameters=lambda model: {"weights": model.weights, "bias": model.bias},
    frozen=lambda model: {"scale": model.scale},
    gradients=gradients,
    save=save,
    load=load,
    learning_rate=lambda model: model.rate,
    fit=fit,
    write=write,
    artifacts=["*.json"],
    devices=lambda: ["cpu", "the other"],
    move=lambda model, _: model,
)
WIDELY = replace(
    HEALTHY,
    make=lambda seed: make(seed, 150),
    inputs=WIDE,
    targets=TWO,
    experiment=experiment,
    prepare=prepare,
)


def healthy(check):
    return WIDELY if check in ("shuffled_labels_are_chance", "preprocessing_sees_training_alone") else HEALTHY


# --- planted bugs -----------------------------------------------------------------------------------------------------


def upwards(model, rows, labels):
    model.weights = model.weights + gradients(model, rows, labels)["weights"]
    return loss(model, rows, labels)


def weights_alone(model, rows, labels):
    bias = model.bias
    before = step(model, rows, labels)
    model.bias = bias
    return before


def scale_too(model, rows, labels):
    model.scale = model.scale * 1.01
    return step(model, rows, labels)


def other_order(model, rows, labels):
    return step(model, rows, np.random.permutation(labels))  # noqa: NPY002 - seeded by the check


def in_place(model, rows):
    rows -= 1
    return scores(model, rows)


def unseeded(model, rows, labels):
    return step(model, rows + np.random.default_rng().normal(size=rows.shape), labels)


def faster(model, rows, labels):
    model.rate = model.rate * 2
    return step(model, rows, labels)


def save_without_momentum(model, path):
    save(replace(model, momentum=model.momentum * 0), path)


def save_without_bias(model, path):
    save(replace(model, bias=model.bias * 0), path)


def one_gradient(model, rows, labels):
    return {**gradients(model, rows, labels), "bias": None}


PLANTED = {
    "artifacts_written": {"write": lambda *_: None},
    "batch_order_does_not_matter": {"predict": lambda model, rows: np.cumsum(scores(model, rows), axis=0)},
    "devices_agree": {"move": lambda model, _: replace(model, bias=model.bias + 1)},
    "early_stopping_stops": {"fit": lambda *given: fit(*given, better=np.greater)},
    "finite": {"predict": lambda model, rows: scores(model, rows) / np.zeros(3)},
    "frozen_parameters_stay": {"step": scale_too},
    "gradients_reach_every_parameter": {"gradients": one_gradient},
    "initial_loss": {"step": lambda model, rows, labels: len(rows) * step(model, rows, labels)},
    "inputs_left_alone": {"predict": in_place},
    "learning_rate_in_bounds": {"step": faster},
    "loss_falls": {"step": upwards},
    "no_leak_across_a_batch": {"predict": lambda model, rows: scores(model, rows) - scores(model, rows).mean(axis=0)},
    "one_input_equals_a_batch": {"predict": lambda model, rows: scores(model, rows).squeeze()},
    "output_shape": {"predict": lambda model, rows: scores(model, rows).argmax(axis=1)},
    "overfits_a_batch": {"step": other_order},
    "parameters_change": {"step": weights_alone},
    "predictions_depend_on_inputs": {"predict": lambda model, rows: scores(model, rows * 0)},
    "predictions_repeat": {"predict": lambda model, rows: scores(model, rows) + np.random.normal()},  # noqa: NPY002
    "preprocessing_sees_training_alone": {"prepare": leaking_prepare},
    "resumed_equals_uninterrupted": {"save": save_without_momentum},
    "same_seed_same_result": {"step": unseeded},
    "saved_and_loaded_equal": {"save": save_without_bias},
    "shuffled_labels_are_chance": {"experiment": leaking_experiment},
}


def planted(check):
    return replace(healthy(check), **PLANTED[check])
