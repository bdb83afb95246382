"""What a configuration must keep to beyond the shape of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlci.config.common import Limits
from mlci.config.data import DataAsset
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.errors import UsageError, did_you_mean
from mlci.locations import is_url, secret_in
from mlci.places import Key
from mlci.results.model import GATES

Problem = tuple[Key, str, str]

_TARGET = re.compile(r"[^:]+:[A-Za-z_][\w.]*")
_SIZE = re.compile(r"\d+(\.\d+)?\s*([kmgt]i?)?b?", re.IGNORECASE)
_RELATIVE = re.compile(r"\d+(\.\d+)?\s*%")


def problems(config: Config) -> Iterator[Problem]:
    """Give every mistake as its key, what is wrong and what to do."""
    if not any(config.names(gate) for gate in GATES):
        yield (), "names no gate", "Add one of `code`, `data`, `great-expectations`, `model` and `metrics`."
    if not 0 < config.false_alarm_rate < 1:
        yield ("false-alarm-rate",), "must be between 0 and 1", "0.05 is usual."
    yield from _code(config)
    yield from _data(config)
    for name, model in config.model.items():
        yield from _model(("model", name), model)
    for file, numbers in config.metrics.items():
        if not numbers:
            yield ("metrics", file), "names no number", "Add `dotted.path: {min: …}`."
        for path, limits in numbers.items():
            yield from _limits(("metrics", file, path), limits, known_direction=False)


def _code(config: Config) -> Iterator[Problem]:
    coverage = config.code.coverage if config.code else None
    if config.code and config.code.timeout <= 0:
        yield ("code", "timeout"), "must be above 0", ""
    if coverage and coverage.total is not None and not 0 <= coverage.total <= 100:  # noqa: PLR2004 - percent
        yield ("code", "coverage", "total"), "must be between 0 and 100", ""
    if coverage and coverage.max_drop is not None and coverage.max_drop < 0:
        yield ("code", "coverage", "max-drop"), "must not be negative", ""


def _data(config: Config) -> Iterator[Problem]:
    for name, asset in config.data.items():
        yield from _source(("data", name), asset)
        for index, entry in enumerate(asset.expect):
            yield from _expectation(("data", name, "expect", index), entry)


def _source(key: Key, asset: DataAsset) -> Iterator[Problem]:
    if not asset.paths or not all(asset.paths):
        yield (*key, "path"), "is empty", "Name the file."
    yield from _urls((*key, "path"), asset.paths)
    if len(asset.quote.encode()) > 1 or asset.quote in {"\r", "\n"}:
        yield (*key, "quote"), "must be one plain character, or empty", ""
    for part in ("escape", "comment"):
        character = getattr(asset, part)
        if character is not None and (len(character.encode()) != 1 or character in "\r\n"):
            yield (*key, part), "must be one plain character", ""
    if asset.skip_rows < 0:
        yield (*key, "skip-rows"), "must not be negative", ""
    if len(set(asset.names)) < len(asset.names):
        yield (*key, "names"), "holds a name twice", ""


def _urls(key: Key, paths: tuple[str, ...]) -> Iterator[Problem]:
    for path in paths:
        secret = secret_in(path) if is_url(path) else None
        if secret:
            yield key, f"the URL holds {secret}", "Take it out: credentials come from the environment alone."


def _expectation(key: Key, entry: object) -> Iterator[Problem]:
    from mlci.data.suites import check_expectation

    if not isinstance(entry, dict) or len(entry) != 1:
        yield key, "must be one `expectation: {argument: value}`", ""
        return
    ((name, kwargs),) = entry.items()
    if kwargs is not None and not isinstance(kwargs, dict):
        yield (*key, name), "must be a mapping (argument: value)", ""
        return
    problem = check_expectation(name, kwargs or {})
    if problem:
        yield (*key, name), problem, ""


def _model(key: Key, model: Model) -> Iterator[Problem]:
    if (model.predict is None) == (model.predictions is None):
        yield key, "needs one of `predict` and `predictions`", ""
    if model.predict is not None and not _TARGET.fullmatch(model.predict):
        yield (*key, "predict"), "must be module:function", ""
    if (model.metrics or model.slices or model.slice_metrics or model.predictions) and model.evaluate is None:
        yield key, "needs `evaluate`", "Its metrics are computed on labelled examples."
    if model.behaviour and model.predict is None:
        yield (*key, "behaviour"), "needs `predict`", "A file of predictions cannot answer new inputs."
    if model.slice_metrics and not model.slices:
        yield (*key, "slice-metrics"), "needs `slices`", "There is no slice that its limits could hold on."
    files = (model.evaluate.data if model.evaluate else None, model.predictions)
    yield from _urls(key, tuple(file for file in files if file))
    if model.memory is not None and not _SIZE.fullmatch(model.memory):
        yield (*key, "memory"), f'must be a size such as "4GB", not "{model.memory}"', ""
    if model.timeout <= 0:
        yield (*key, "timeout"), "must be above 0", ""
    if model.min_slice_size < 1:
        yield (*key, "min-slice-size"), "must be at least 1", ""
    if model.batch_size < 1:
        yield (*key, "batch-size"), "must be at least 1", ""
    for part in ("metrics", "slice_metrics"):
        for name, limits in getattr(model, part).items():
            yield from _metric((*key, part.replace("_", "-"), name), name, limits)


def _metric(key: Key, name: str, limits: Limits) -> Iterator[Problem]:
    from mlci.metrics import METRICS

    try:
        METRICS[name]
    except UsageError as error:
        yield key, "unknown metric", did_you_mean(name, METRICS) or error.fix
    yield from _limits(key, limits, known_direction=True)


def _limits(key: Key, limits: Limits, *, known_direction: bool) -> Iterator[Problem]:
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        yield key, f"`min` ({limits.min:g}) is above `max` ({limits.max:g})", ""
    drop = limits.max_drop
    if isinstance(drop, str) and not _RELATIVE.fullmatch(drop):
        yield (*key, "max-drop"), f'must be a number or a share such as "2%", not "{drop}"', ""
    if isinstance(drop, float | int) and drop < 0:
        yield (*key, "max-drop"), "must not be negative", ""
    if drop is not None and limits.direction is None and not known_direction:
        yield (
            key,
            "has `max-drop` and no `direction`",
            "Say which is better: `direction: higher` or `lower`.",
        )
