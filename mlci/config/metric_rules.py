"""What the settings of built-in metrics must keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlci.config.common import Limits
from mlci.errors import UsageError, did_you_mean
from mlci.places import Key

if TYPE_CHECKING:
    from mlci.config.models import Model

Problem = tuple[Key, str, str]


def of_settings(key: Key, name: str, chosen: Mapping[str, Any], *, written: Limits) -> Iterator[Problem]:
    """Give what is wrong with the name of a built-in metric, or with a setting of it."""
    from mlci.metrics import METRICS, metric

    called = chosen.get("metric", name)
    if called not in METRICS:
        at = (*key, "metric") if "metric" in chosen else key
        yield at, "unknown metric", did_you_mean(called, METRICS) or "`mlci catalogue` lists every metric."
        return
    if "metric" in chosen and name in METRICS and name != called:
        yield (*key, "metric"), f'"{name}" is a built-in metric', "Give yours another name."
    if getattr(written, "settings", {}):
        yield (
            (*key, "settings"),
            "is for functions of your own",
            "A built-in metric has keys of its own, as `k: 10`.",
        )
    yield from of_span(key, called, METRICS[called].span, written)
    try:
        metric(name, chosen)
    except UsageError as error:
        yield key, error.what, error.fix or ""
    for count in ("k", "bins"):
        if chosen.get(count, 1) < 1:
            yield (*key, count), "must be at least 1", ""
    if not 0 < chosen.get("alpha", 0.5) < 1:
        yield (*key, "alpha"), "must be between 0 and 1", "0.9 is the quantile that nine of ten values lie below."


def of_span(key: Key, called: str, span: float | None, written: Limits) -> Iterator[Problem]:
    """Give a `max-drop` in points that is larger than any drop of what is `called` so, whose values are in a `span`."""
    drop = written.max_drop
    if span is None or not isinstance(drop, float | int) or drop <= span:
        return
    fix = 'Two of a hundred points are 0.02, and "2%" is relative to the baseline.'
    yield (*key, "max-drop"), f"is {drop:g}, and {called} can get worse by {span:g} at most", fix


def of_analysis(key: Key, model: Model) -> Iterator[Problem]:
    """Give what is wrong with `find-slices` and `analyse`."""
    if model.analyse is not None and model.evaluate is not None and model.analyse.data == model.evaluate.data:
        fix = "Name other examples, or leave `data` out for aggregates only."
        yield (*key, "analyse", "data"), "is what the model is evaluated on, whose examples are not shown", fix
    if model.analyse is not None and model.analyse.examples < 0:
        yield (*key, "analyse", "examples"), "must not be negative", ""
    asked = model.find_slices
    if asked is None:
        return
    for name in ("conditions", "min-size"):
        if getattr(asked, name.replace("-", "_")) < 1:
            yield (*key, "find-slices", name), "must be at least 1", ""
    if not 0 < asked.false_alarm_rate < 1:
        yield (*key, "find-slices", "false-alarm-rate"), "must be between 0 and 1", "0.05 is usual."
    if asked.columns is not None and not asked.columns:
        yield (*key, "find-slices", "columns"), "is empty", "Name columns, or leave it out."


def of_ranking(key: Key, name: str, model: Model) -> Iterator[Problem]:
    """Give a metric of rankings whose examples have no groups."""
    from mlci.metrics import METRICS

    called = model.chosen(name).get("metric", name)
    if called in METRICS and METRICS[called].needs == "ranking" and (not model.evaluate or not model.evaluate.group):
        yield key, "needs the group of each example", "Name its column: `evaluate: {group: query}`."
