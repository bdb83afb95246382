"""Keeps a check from disturbing what comes after it: random numbers of Python, NumPy and the framework."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlci.testing.training import Model, Training

SEED = 0
"""The seed of models and steps in a check, unless it compares two."""


@contextmanager
def isolated(training: Training) -> Iterator[None]:
    """Run a check, and leave the random state of Python, NumPy and the framework as it was."""
    python, numpy = random.getstate(), _numpy_state()
    try:
        with training.isolate():
            yield
    finally:
        random.setstate(python)
        if numpy is not None:
            sys.modules["numpy"].random.set_state(numpy)


def _numpy_state() -> Any:
    numpy = sys.modules.get("numpy")
    return None if numpy is None else numpy.random.get_state()


def seed_everything(training: Training, seed: int) -> None:
    """Seed the random numbers of Python, NumPy and the framework."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global generator is what libraries draw from
    training.seed(seed)


def new_model(training: Training, seed: int = SEED) -> Model:
    """Return a new model whose making drew from seeded random numbers alone."""
    seed_everything(training, seed)
    return training.make(seed)
