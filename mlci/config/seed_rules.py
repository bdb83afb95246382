"""What `seeds` must keep to."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.models import Model
from mlci.places import Key

_MOST = 100
_LARGEST = 2**32
Problem = tuple[Key, str, str]


def seed_problems(key: Key, model: Model) -> Iterator[Problem]:
    """Give what is wrong with the seeds of a model."""
    if model.seeds is None:
        return
    at, seeds = (*key, "seeds"), model.seed_list
    if model.estimand != "recipe":
        yield at, "belongs to `estimand: recipe`", "Add that: a model is judged as it is, whatever it was trained with."
    if not 1 < len(seeds) <= _MOST:
        yield at, f"must be 2 to {_MOST} seeds", "3 or 5 are usual."
    if len(set(seeds)) < len(seeds):
        yield at, "names a seed twice", "The same seed says nothing new."
    if any(not 0 <= seed < _LARGEST for seed in seeds):
        yield at, f"must be numbers from 0 to {_LARGEST - 1}", ""
    if not model.metrics and not model.slice_metrics:
        yield at, "needs `metrics`", "It is their means over the seeds that are judged."
    if model.prepare is None and model.predict is None:
        yield at, "needs `prepare`", "It trains the model with the seed in MLCI_SEED."
