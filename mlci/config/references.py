"""What settings of a data asset that look at another asset, or at numbers of their own, must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from mlci.config.data import DataAsset
from mlci.errors import did_you_mean
from mlci.places import Key

Problem = tuple[Key, str, str]
_SHARES = ("mostly", "max_share", "max_distance", "false_alarm_rate")
_SIZE = re.compile(r"(\d+|\*)x(\d+|\*)")


def problems_across(key: Key, name: str, asset: DataAsset, assets: Mapping[str, DataAsset]) -> Iterator[Problem]:
    """Give every mistake in what the asset called `name`, which stands at `key`, asks of other assets."""
    for place, setting in _settings(key, asset):
        yield from _of_asset(place, setting, name, assets)
        yield from _of_numbers(place, setting)
    for index, entry in enumerate(asset.expect):
        for called, arguments in entry.items():
            other = arguments.get("other_table_name") if isinstance(arguments, Mapping) else None
            if isinstance(other, str):
                place = (*key, "expect", index, called, "other_table_name")
                yield from _unknown(place, other, assets)
                if other == name:
                    yield place, "is the asset itself", "Name another one."
    if asset.images and asset.format != "images":
        yield (*key, "images"), "needs `format: images`", ""
    overlaps = asset.no_overlap_with if isinstance(asset.no_overlap_with, tuple) else (asset.no_overlap_with,)
    if asset.format != "images" and any(each.near and not each.columns for each in overlaps):
        yield (*key, "no-overlap-with"), "`near` needs `columns`", "Name the columns with the text."
    if any(each.near and each.tolerance for each in overlaps):
        yield (*key, "no-overlap-with"), "`near` and `tolerance` exclude each other", "Write two entries of a list."
    if asset.no_overlap_between and asset.no_overlap_between.near and not asset.no_overlap_between.columns:
        yield (*key, "no-overlap-between"), "`near` needs `columns`", "Name the columns with the text."
    yield from _of_images((*key, "images"), asset)


def _settings(key: Key, asset: DataAsset) -> Iterator[tuple[Key, Any]]:
    for field in fields(asset):
        value = getattr(asset, field.name)
        if type(value).__module__ == "mlci.config.across":
            yield (*key, field.name.replace("_", "-")), value
        elif isinstance(value, tuple):
            for index, each in enumerate(value):
                if type(each).__module__ == "mlci.config.across":
                    yield (*key, field.name.replace("_", "-"), index), each


def _of_asset(place: Key, setting: Any, name: str, assets: Mapping[str, DataAsset]) -> Iterator[Problem]:
    other = getattr(setting, "asset", None)
    if other is None:
        return
    yield from _unknown((*place, "asset"), other, assets)
    columns, references = getattr(setting, "columns", ()), getattr(setting, "references", None)
    if other == name and (type(setting).__name__ != "ForeignKey" or columns == (references or columns)):
        yield (*place, "asset"), "is the asset itself", "Name another one."


def _unknown(place: Key, other: str, assets: Mapping[str, DataAsset]) -> Iterator[Problem]:
    if other not in assets:
        yield place, f'there is no asset "{other}"', did_you_mean(other, assets) or f"Known: {', '.join(assets)}."


def _of_numbers(place: Key, setting: Any) -> Iterator[Problem]:
    for attribute in _SHARES:
        value = getattr(setting, attribute, None)
        if value is not None and not 0 <= value <= 1:
            yield (*place, attribute.replace("_", "-")), "must be between 0 and 1", ""
    near = getattr(setting, "near", None)
    is_share = isinstance(near, float | int) and not isinstance(near, bool) and type(setting).__name__ != "Images"
    if is_share and not 0.5 <= float(near or 0) <= 1:  # noqa: PLR2004 - half of the words
        yield (*place, "near"), "must be between 0.5 and 1", "0.85 is usual: two of twenty words replaced leave 0.9."
    if getattr(setting, "tolerance", 0) < 0:
        yield (*place, "tolerance"), "must not be negative", ""
    if getattr(setting, "min_words", 4) < 4:  # noqa: PLR2004 - that many words bring two texts together
        yield (*place, "min-words"), "must be at least 4", "Of shorter texts a single word is too large a share."
    if getattr(setting, "columns", None) == () and type(setting).__name__ not in {"NoOverlapWith", "NoOverlapBetween"}:
        yield (*place, "columns"), "names no column", ""


def _of_images(place: Key, asset: DataAsset) -> Iterator[Problem]:
    images = asset.images
    if not images:
        return
    for attribute, sizes in (("sizes", images.sizes), ("min-size", (images.min_size,) if images.min_size else ())):
        for size in sizes:
            if not _SIZE.fullmatch(size):
                yield (*place, attribute), f'must be sizes such as "224x224", not "{size}"', ""
    if images.max_imbalance is not None and images.max_imbalance < 1:
        yield (*place, "max-imbalance"), "must be at least 1", "1 asks for classes of the same size."
    if images.min_per_class is not None and images.min_per_class < 1:
        yield (*place, "min-per-class"), "must be at least 1", ""
    if not isinstance(images.near, bool) and not 0.875 <= images.near <= 1:  # noqa: PLR2004 - 8 of 64 bits
        yield (*place, "near"), "must be between 0.875 and 1", "0.93 is usual."
