"""What must hold of the checks of inference."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlci.config.inference import Inference, Latency, SizeLimits
from mlci.config.models import Model
from mlci.places import Key

Problem = tuple[Key, str, str]

SIZE = re.compile(r"\d+(\.\d+)?\s*([kmgt]i?)?b?", re.IGNORECASE)
_SHARE = re.compile(r"\d+(\.\d+)?\s*%")
_CHECKS = ("inference", "latency", "peak_memory")


def of_inference(key: Key, model: Model) -> Iterator[Problem]:
    """Give the mistakes in `inference`, `latency`, `peak-memory` and `size`."""
    for name in _CHECKS:
        if getattr(model, name) is not None:
            yield from _needs((*key, name.replace("_", "-")), model)
    if model.peak_memory is not None and model.url is not None:
        yield (*key, "peak-memory"), "cannot be known of an endpoint", ""
    if model.size is not None and model.saved is None and not model.model_files:
        yield (*key, "size"), "needs `artifact` or `model-files`", "They name what is measured."
    if model.inference is not None:
        yield from _inference((*key, "inference"), model.inference)
    if model.latency is not None:
        yield from _latency((*key, "latency"), model.latency)
    for name in ("peak_memory", "size"):
        limits = getattr(model, name)
        if limits is not None:
            yield from _size((*key, name.replace("_", "-")), limits)


def _needs(key: Key, model: Model) -> Iterator[Problem]:
    if not model.answers:
        yield key, "needs `predict`, `artifact` or `url`", "A file of predictions has no new answers."
    elif model.evaluate is None and not model.behaviour:
        yield key, "needs `evaluate` or `behaviour`", "Inputs to ask about are taken from there."


def _inference(key: Key, inference: Inference) -> Iterator[Problem]:
    if inference.examples < 1:
        yield (*key, "examples"), "must be at least 1", ""
    if inference.tolerance < 0:
        yield (*key, "tolerance"), "must not be negative", ""
    if inference.long < 1:
        yield (*key, "long"), "must be at least 1", ""


def _latency(key: Key, latency: Latency) -> Iterator[Problem]:
    for name in ("batch_size", "calls", "rounds"):
        if getattr(latency, name) < 1:
            yield (*key, name.replace("_", "-")), "must be at least 1", ""
    if latency.warm_up < 0:
        yield (*key, "warm-up"), "must not be negative", ""
    if latency.max_drop is not None and not _SHARE.fullmatch(latency.max_drop):
        yield (*key, "max-drop"), f'must be a share such as "20%", not "{latency.max_drop}"', ""


def _size(key: Key, limits: str | SizeLimits) -> Iterator[Problem]:
    most = limits if isinstance(limits, str) else limits.max
    if most is not None and not SIZE.fullmatch(most.strip()):
        yield key, f'must be a size such as "50MB", not "{most}"', ""
    drop = None if isinstance(limits, str) else limits.max_drop
    if drop is not None and not _SHARE.fullmatch(drop):
        yield (*key, "max-drop"), f'must be a share such as "10%", not "{drop}"', ""
