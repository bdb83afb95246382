"""What a configuration must keep to beyond the shape of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from mlci.config.asset_source_rules import of_source, problems_of_urls
from mlci.config.baseline_rules import baseline_problems
from mlci.config.code_rules import problems_of_code
from mlci.config.common import Limits
from mlci.config.diff import Diff
from mlci.config.drift_rules import drift_problems, prediction_drift_problems
from mlci.config.inference_rules import of_inference
from mlci.config.metric_rules import of_analysis, of_ranking, of_settings, of_span
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.config.pipeline_rules import of_pipelines
from mlci.config.plugins import Plugins
from mlci.config.publish import Publish
from mlci.config.references import problems_across
from mlci.config.seed_rules import seed_problems
from mlci.config.source_rules import of_sources
from mlci.config.waiver_rules import problems_of_waivers
from mlci.config.when import numbers_of
from mlci.config.when_rules import problems_of_conditions
from mlci.errors import UsageError, did_you_mean
from mlci.places import Key
from mlci.results.model import GATES
from mlci.sizes import bytes_of

Problem = tuple[Key, str, str]

_COMMENT = re.compile(r"[A-Za-z0-9._-]{1,60}")
_TARGET = re.compile(r"[^:]+:[A-Za-z_][\w.]*")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*|[^:]+\.py")
_RELATIVE = re.compile(r"\d+(\.\d+)?\s*%")


def problems(config: Config) -> Iterator[Problem]:
    """Give every mistake as its key, what is wrong and what to do."""
    yield from _projects(config.projects)
    if not config.projects and not any(config.names(gate) for gate in GATES):
        yield (), "names no gate", "Add one of `code`, `data`, `great-expectations`, `model` and `metrics`."
    if not 0 < config.false_alarm_rate < 1:
        yield ("false-alarm-rate",), "must be between 0 and 1", "0.05 is usual."
    yield from baseline_problems(config.baseline)
    yield from _plugins(config.own)
    yield from _publish(config.publish)
    yield from problems_of_waivers(config)
    yield from problems_of_conditions(config)
    yield from problems_of_code(config.code)
    yield from of_pipelines(config)
    yield from _data(config)
    for name, model in config.model.items():
        yield from _model(("model", name), model, own=bool(config.own.modules))
    for file, numbers in config.metrics.items():
        if not numbers_of(numbers):
            yield ("metrics", file), "names no number", "Add `dotted.path: {min: …}`."
        for path, limits in numbers_of(numbers).items():
            yield from _limits(("metrics", file, path), limits, known_direction=False)


def _projects(projects: Sequence[str]) -> Iterator[Problem]:
    for at, folder in enumerate(projects):
        path = PurePosixPath(folder)
        if not folder or path.is_absolute() or ".." in path.parts or folder in (".", "**"):
            yield ("projects", at), f'must be a folder below this one, or a pattern of such, not "{folder}"', ""


def _publish(publish: Publish | None) -> Iterator[Problem]:
    if publish and publish.comment_id is not None and not _COMMENT.fullmatch(publish.comment_id):
        what = f'must be at most 60 letters, digits, dots, dashes and underscores, not "{publish.comment_id}"'
        yield ("publish", "comment-id"), what, ""


def _plugins(plugins: Plugins) -> Iterator[Problem]:
    for at, module in enumerate(plugins.modules):
        if not _MODULE.fullmatch(module):
            yield ("plugins", at), f'must be a module or a Python file, not "{module}"', ""
    if plugins.timeout <= 0:
        yield ("plugins", "timeout"), "must be above 0", ""
    if plugins.memory is not None and bytes_of(plugins.memory) is None:
        yield ("plugins", "memory"), f'must be a size such as "4GB", not "{plugins.memory}"', ""


def _data(config: Config) -> Iterator[Problem]:
    for name, asset in config.data.items():
        yield from of_source(("data", name), asset)
        for index, entry in enumerate(asset.expect):
            yield from _expectation(("data", name, "expect", index), entry, own=bool(config.own.modules))
        if isinstance(asset.diff, Diff):
            yield from _diff(("data", name, "diff"), asset.diff, keyed=bool(asset.key_columns))
        yield from drift_problems(config, ("data", name), asset)
        yield from problems_across(("data", name), name, asset, config.data)


def _diff(key: Key, diff: Diff, *, keyed: bool) -> Iterator[Problem]:
    for limit in ("max-added", "max-removed", "max-changed"):
        value = getattr(diff, limit.replace("-", "_"))
        if isinstance(value, str) and not _RELATIVE.fullmatch(value):
            yield (*key, limit), f'must be a number of rows or a share such as "5%", not "{value}"', ""
        if isinstance(value, float | int) and value < 0:
            yield (*key, limit), "must not be negative", ""
    if diff.max_changed is not None and not keyed:
        yield (*key, "max-changed"), "needs `key` of the asset", "Rows can only be matched by a column that names them."
    if diff.max_size_mb <= 0:
        yield (*key, "max-size-mb"), "must be above 0", ""


def _expectation(key: Key, entry: object, *, own: bool) -> Iterator[Problem]:
    """Give what is wrong with an entry of `expect`; a name that may be the project's `own` is looked at by the gate."""
    from mlci.data.suites import check_expectation, is_built_in

    if not isinstance(entry, dict) or len(entry) != 1:
        yield key, "must be one `expectation: {argument: value}`", ""
        return
    ((name, kwargs),) = entry.items()
    if kwargs is not None and not isinstance(kwargs, dict):
        yield (*key, name), "must be a mapping (argument: value)", ""
        return
    problem = None if own and not is_built_in(name) else check_expectation(name, kwargs or {})
    if problem:
        yield (*key, name), problem, ""


def _model(key: Key, model: Model, *, own: bool) -> Iterator[Problem]:
    yield from of_sources(key, model)
    yield from of_inference(key, model)
    if model.predict is not None and not _TARGET.fullmatch(model.predict):
        yield (*key, "predict"), "must be module:function", ""
    if model.needs_examples and model.evaluate is None:
        yield key, "needs `evaluate`", "Its metrics are computed on labelled examples."
    yield from seed_problems(key, model)
    yield from _behaviour_limit(key, model)
    if model.behaviour and not model.answers:
        yield (*key, "behaviour"), "needs `predict`, `artifact` or `url`", "A file of predictions has no new answers."
    for name, chosen in model.slices.items():
        function = getattr(chosen, "function", None)
        if function is not None and (name == "by" or not _TARGET.fullmatch(function)):
            what = "names columns" if name == "by" else "must be module:function"
            yield (*key, "slices", name), what, ""
    if model.slice_metrics and not model.slices:
        yield (*key, "slice-metrics"), "needs `slices`", "There is no slice that its limits could hold on."
    files = (model.evaluate.data if model.evaluate else None, model.predictions)
    yield from problems_of_urls(key, tuple(file for file in files if file))
    if model.memory is not None and bytes_of(model.memory) is None:
        yield (*key, "memory"), f'must be a size such as "4GB", not "{model.memory}"', ""
    if model.timeout <= 0:
        yield (*key, "timeout"), "must be above 0", ""
    if model.min_slice_size < 1:
        yield (*key, "min-slice-size"), "must be at least 1", ""
    if model.batch_size < 1:
        yield (*key, "batch-size"), "must be at least 1", ""
    yield from prediction_drift_problems(key, model)
    yield from of_analysis(key, model)
    yield from _explained(key, model, own=own)
    for part in ("metrics", "slice_metrics"):
        for name, limits in getattr(model, part).items():
            at = (*key, part.replace("_", "-"), name)
            yield from _metric(at, name, limits, own=own or _has_function(model, name), chosen=model.chosen(name))
            yield from of_ranking(at, name, model)


def _behaviour_limit(key: Key, model: Model) -> Iterator[Problem]:
    if model.behaviour_max_drop is not None and not 0 <= model.behaviour_max_drop <= 1:
        yield (*key, "behaviour-max-drop"), "must be between 0 and 1", ""
    if model.behaviour_max_drop is not None and not model.behaviour:
        yield (*key, "behaviour-max-drop"), "needs `behaviour`", "There is no suite that it could hold on."


def _explained(key: Key, model: Model, *, own: bool) -> Iterator[Problem]:
    if model.explain is not None and not model.answers:
        yield (*key, "explain"), "needs `predict`, `artifact` or `url`", "A file of predictions has no new answers."
    importance = model.explain.importance if model.explain else None
    if importance is not None and (importance.repeats < 2 or importance.examples < 1):  # noqa: PLR2004 - an interval
        yield (*key, "explain", "importance"), "needs at least 2 `repeats` and 1 example", ""
    if importance is not None and importance.metric is not None:
        at, chosen = (*key, "explain", "importance", "metric"), model.chosen(importance.metric)
        yield from _metric(at, importance.metric, Limits(), own=own, chosen=chosen)
    if model.fairness is None:
        return
    for name, part in (("by", model.fairness.by), ("metrics", model.fairness.metrics)):
        if not part:
            yield (*key, "fairness", name), "is empty", ""
    for name, limits in model.fairness.metrics.items():
        yield from _fairness_measure((*key, "fairness", "metrics", name), name, limits)


def _fairness_measure(key: Key, name: str, limits: Limits) -> Iterator[Problem]:
    from mlci.model.fairness import MEASURES

    try:
        MEASURES[name]
    except UsageError as error:
        yield key, "unknown fairness measure", did_you_mean(name, MEASURES) or error.fix
    yield from of_span(key, name, 1, limits)  # of shares, every one of them
    yield from _limits(key, limits, known_direction=True)


def _has_function(model: Model, name: str) -> bool:
    named = (model.metrics.get(name), model.slice_metrics.get(name))
    return any(getattr(each, "function", None) is not None for each in named)


def _metric(key: Key, name: str, limits: Limits, *, own: bool, chosen: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what is wrong with a metric; one that may be the project's `own` is looked at by the gate."""
    from mlci.metrics import METRICS

    function = getattr(limits, "function", None)
    if function is not None and name in METRICS:
        yield (*key, "function"), f'"{name}" is a built-in metric', "Give your own another name."
    if function is not None and ":" in function and not _TARGET.fullmatch(function):
        yield (*key, "function"), "must be module:function", ""
    if function is not None and chosen:
        yield (*key, next(iter(chosen))), "is for a built-in metric", "What your own is given stands under `settings`."
    if own and name not in METRICS and "metric" not in chosen:
        yield from _limits(key, limits, known_direction=True)
        return
    yield from of_settings(key, name, chosen, written=limits)
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
