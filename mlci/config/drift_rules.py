"""What `drift:` and `freshness:` must keep to beyond the shape of their keys."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.data import DataAsset
from mlci.config.drift import Drift, Freshness, PredictionDrift
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.errors import did_you_mean
from mlci.places import Key
from mlci.timespans import timespan

_Problem = tuple[Key, str, str]


def drift_problems(config: Config, key: Key, asset: DataAsset) -> Iterator[_Problem]:
    """Give every mistake in `drift` and `freshness` of the asset at `key`."""
    if asset.drift is not None:
        yield from _drift(config, (*key, "drift"), asset.drift)
    if asset.freshness is not None:
        yield from _freshness((*key, "freshness"), asset.freshness)


def prediction_drift_problems(key: Key, model: Model) -> Iterator[_Problem]:
    """Give every mistake in `drift` of the model at `key`."""
    if model.drift is None:
        return
    if model.evaluate is None:
        yield (*key, "drift"), "needs `evaluate`", "Its predictions for those examples are what is compared."
    yield from _limits((*key, "drift"), model.drift)


def _drift(config: Config, key: Key, drift: Drift) -> Iterator[_Problem]:
    if (drift.asset is None) != drift.baseline:
        yield key, "needs one of `asset` and `baseline: true`", ""
    elif drift.asset is not None and drift.asset not in config.data:
        fix = did_you_mean(drift.asset, config.data) or f"The assets are {', '.join(config.data)}."
        yield (*key, "asset"), f'there is no asset "{drift.asset}"', fix
    elif drift.asset == key[1]:
        yield (*key, "asset"), "an asset cannot be its own reference", "Name another asset, or `baseline: true`."
    if drift.baseline and config.baseline is None:
        yield (*key, "baseline"), "needs `baseline:`", "Add `baseline: {store: file}` to say where it is kept."
    both = [name for name in drift.columns if name in drift.exclude]
    if both:
        yield (*key, "exclude"), f"`{both[0]}` is in `columns` too", ""
    if not 0 <= drift.max_new <= 1:
        yield (*key, "max-new"), "must be between 0 and 1", "It is a share of the rows."
    yield from _limits(key, drift)


def _limits(key: Key, drift: Drift | PredictionDrift) -> Iterator[_Problem]:
    if not 0 <= drift.min_distance <= 1:
        yield (*key, "min-distance"), "must be between 0 and 1", "0.1 is usual."
    if not 0 < drift.false_alarm_rate < 1:
        yield (*key, "false-alarm-rate"), "must be between 0 and 1", "0.01 is usual."


def _freshness(key: Key, freshness: Freshness) -> Iterator[_Problem]:
    if freshness.max_age is None and freshness.max_gap is None:
        yield key, "needs `max-age` or `max-gap`", "A time span such as `7d`."
    for name in ("max_age", "max_gap", "max_future"):
        text = getattr(freshness, name)
        if text is not None and timespan(text) is None:
            said = f'must be a time span such as "90m", "36h", "7d" or "2w", not "{text}"'
            yield (*key, name.replace("_", "-")), said, ""
    if freshness.by and freshness.max_gap is None:
        yield (*key, "by"), "needs `max-gap`", "Series are told apart where gaps are looked for."
    if not _is_zone(freshness.zone):
        yield (*key, "zone"), f'there is no time zone "{freshness.zone}"', "Write it as `UTC` or `Europe/Berlin`."


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return name == "UTC"
    return True
