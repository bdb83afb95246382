"""A healthy convolutional classifier of token ids in Keras, and a planted bug for each training check."""

import json
import random

import keras
import numpy as np
from keras import layers, ops

from mlci.testing.keras import training_of

CLASSES, COUNT, LENGTH = 3, 24, 8
DRAW = np.random.default_rng(7)
TOKENS = DRAW.integers(1, 20, (COUNT, LENGTH))
LABELS = (TOKENS[:, 0] > 6).astype(int) + (TOKENS[:, 0] > 13)
WIDE = DRAW.normal(size=(60, 300)).astype("float32")
TWO = np.arange(60) % 2


class Each(layers.Layer):
    """A layer of one function of its inputs, and of whether it is trained."""

    def __init__(self, function, **named):
        super().__init__(**named)
        self.function = function

    def call(self, x, training=False):
        return self.function(x, training)


def build(*, embedded=None, stacked=True, trainable=False, classes=CLASSES, head=None, loss=None, optimizer=None):
    tokens = keras.Input((LENGTH,), dtype="int32")
    wide = keras.initializers.RandomNormal(stddev=1)
    first = layers.Embedding(20, 8, embeddings_initializer=wide, name="embedding", trainable=trainable)(tokens)
    first = Each(embedded)(first) if embedded else first
    x = first
    for number in range(3):
        x = layers.Conv1D(8, 3, padding="same", activation="gelu", name=f"convolution{number}")(x if stacked else first)
    x = layers.Dropout(0.1)(layers.Flatten()(layers.BatchNormalization()(x)))
    outputs = layers.Dense(classes, name="head", kernel_initializer=head or "glorot_uniform")(x)
    return compiled(keras.Model(tokens, outputs), loss=loss, optimizer=optimizer)


def compiled(model, *, loss=None, optimizer=None):
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or keras.optimizers.Adam(1e-2), loss)
    return model


def training(model=build, **others):
    given = {"inputs": TOKENS, "targets": LABELS, "classes": CLASSES, **others}
    return training_of(model, **given)


def variant(**settings):
    return training(lambda: build(**settings))


# --- what a healthy project gives beside the model --------------------------------------------------------------------


def fit(model, data, validation, max_epochs, *, patience=3, mode="min"):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, mode=mode)
    done = model.fit(
        *data, validation_data=validation, epochs=max_epochs, batch_size=COUNT, callbacks=[stop], verbose=0
    )
    return done.history["val_loss"]


def never_worse(model, data, validation, max_epochs):
    return fit(model, data, validation, max_epochs, mode="max")


def write(model, folder):
    model.save(folder / "model.keras")
    (folder / "metrics.json").write_text(json.dumps({"loss": 1}))


def write_elsewhere(model, folder):
    (folder / "out").mkdir()
    write(model, folder / "out")


def classified(inputs, targets, held_out):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Dense(2)])
    compiled(model, optimizer=keras.optimizers.Adam(0.05))
    model.fit(inputs, targets, epochs=15, batch_size=len(inputs), verbose=0)
    return model.predict_on_batch(held_out).argmax(axis=1)


def selected(inputs, targets):
    apart = np.abs(inputs[targets == 1].mean(axis=0) - inputs[targets == 0].mean(axis=0))
    return np.argsort(apart)[-10:]


def experiment(inputs, targets, seed):
    order = np.random.default_rng(seed).permutation(len(targets))
    train, held_out = order[:30], order[30:]
    columns = selected(inputs[train], targets[train])
    return targets[held_out], classified(inputs[train][:, columns], targets[train], inputs[held_out][:, columns])


def leaking_experiment(inputs, targets, seed):
    return experiment(inputs[:, selected(inputs, targets)], targets, seed)


def prepare(inputs, held_out):
    scale = layers.Normalization()
    scale.adapt(inputs)
    return scale(inputs), scale(held_out)


def leaking_prepare(inputs, held_out):
    scale = layers.Normalization()
    scale.adapt(np.concatenate([inputs, held_out]))
    return scale(inputs), scale(held_out)


def wide():
    return compiled(keras.Sequential([keras.Input((300,)), layers.Dense(2)]))


def on_wide(**others):
    return training(wide, inputs=WIDE, targets=TWO, classes=2, **others)


def healthy(check):
    if check in ("shuffled_labels_are_chance", "preprocessing_sees_training_alone"):
        return on_wide(experiment=experiment, prepare=prepare)
    return training(fit=fit, write=write, artifacts=["model.keras", "*.json"], devices=lambda: ["cpu", "cpu:0"])


# --- planted bugs -----------------------------------------------------------------------------------------------------


def one_column_against_none():
    model = keras.Sequential([keras.Input((300,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model  # (n, 1), where the targets are (n,)


def batch_taken_for_time():
    tokens = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(20, 8)(tokens)
    x = Each(lambda x, _: ops.cumsum(x, axis=0))(x)
    return compiled(keras.Model(tokens, layers.Dense(CLASSES)(layers.Flatten()(x))))


def squeezed(model, inputs):
    return model.predict_on_batch(inputs).squeeze()


def in_place(model, inputs):
    np.clip(inputs, 0, 5, out=inputs)
    return model.predict_on_batch(inputs)


def noise_of_its_own(x, training):
    noise = np.random.default_rng().normal(size=x.shape[-1:])
    return x + 0.1 * ops.convert_to_tensor(noise, dtype="float32") if training else x


class Frozen(layers.Layer):
    """A layer whose embedding is frozen too late: its variables exist, and are listed as trainable by name."""

    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(20, 8, name="embedding")
        self.embedding.train = False  # the attribute is called `trainable`

    def call(self, x):
        return self.embedding(x)


def frozen_by_a_wrong_name():
    tokens = keras.Input((LENGTH,), dtype="int32")
    return compiled(keras.Model(tokens, layers.Dense(CLASSES)(layers.Flatten()(Frozen()(tokens)))))


def shuffled_step(model, inputs, targets):
    order = list(range(len(targets)))
    random.shuffle(order)
    return model.train_on_batch(inputs, targets[order])


def no_step(model, inputs, targets):
    return model.test_on_batch(inputs, targets)


def save_weights(path, model):
    model.save_weights(path.with_suffix(".weights.h5"))


def load_weights(path):
    model = build()
    model.load_weights(path.with_suffix(".weights.h5"))
    return model


def save_head_alone(path, model):
    np.savez(path, *model.get_layer("head").get_weights())


def load_head_alone(path):
    model = build()
    model.get_layer("head").set_weights(list(np.load(f"{path}.npz").values()))
    return model


def left_behind(model, _device):
    """Stand in for a device that a part of the model does not reach: it is made anew there."""
    head = model.get_layer("head")
    head.set_weights([np.zeros_like(each) for each in head.get_weights()])
    return model


def falling(factor):
    return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-2, 1, factor))


PLANTED = {
    "artifacts_written": lambda: training(write=write_elsewhere, artifacts=["model.keras", "*.json"]),
    "batch_order_does_not_matter": lambda: training(batch_taken_for_time),
    "devices_agree": lambda: training(devices=lambda: ["cpu", "other"], move=left_behind),
    "early_stopping_stops": lambda: training(fit=never_worse),
    "finite": lambda: variant(embedded=lambda x, _: ops.log(ops.relu(x))),
    "frozen_parameters_stay": lambda: training(frozen_by_a_wrong_name, frozen=["*embedding*"]),
    "gradients_reach_every_parameter": lambda: variant(embedded=lambda x, _: ops.stop_gradient(x), trainable=True),
    "initial_loss": lambda: variant(head=keras.initializers.RandomNormal(stddev=3)),
    "inputs_left_alone": lambda: training(predict=in_place),
    "learning_rate_in_bounds": lambda: training(lambda: build(optimizer=falling(0.1))),
    "loss_falls": lambda: training(step=no_step),
    "no_leak_across_a_batch": lambda: variant(embedded=lambda x, _: x - ops.mean(x, axis=0)),
    "one_input_equals_a_batch": lambda: training(predict=squeezed),
    "output_shape": lambda: training(one_column_against_none, inputs=WIDE, targets=WIDE[:, 0], classes=None),
    "overfits_a_batch": lambda: training(step=shuffled_step),
    "parameters_change": lambda: variant(embedded=lambda x, _: ops.stop_gradient(x), trainable=True),
    "predictions_depend_on_inputs": lambda: variant(embedded=lambda x, _: x * 0),
    "predictions_repeat": lambda: variant(embedded=lambda x, _: keras.random.dropout(x, 0.3)),
    "preprocessing_sees_training_alone": lambda: on_wide(prepare=leaking_prepare),
    "resumed_equals_uninterrupted": lambda: training(save=save_weights, load=load_weights),
    "same_seed_same_result": lambda: variant(embedded=noise_of_its_own),
    "saved_and_loaded_equal": lambda: training(save=save_head_alone, load=load_head_alone),
    "shuffled_labels_are_chance": lambda: on_wide(experiment=leaking_experiment),
}
MORE = [
    ("gradients_reach_every_parameter", lambda: variant(embedded=lambda x, _: ops.round(x), trainable=True)),
    ("one_input_equals_a_batch", lambda: variant(embedded=lambda x, _: x - ops.mean(x, axis=0))),
    ("no_leak_across_a_batch", lambda: training(batch_taken_for_time)),
    ("learning_rate_in_bounds", lambda: training(lambda: build(optimizer=falling(2.0)))),
    ("output_shape", lambda: variant(classes=10)),
    ("initial_loss", lambda: variant(classes=10)),
]
NOT_APPLICABLE = {}
