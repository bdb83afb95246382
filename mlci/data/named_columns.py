"""Columns that the settings of an asset name and its data has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlci.errors import Where, did_you_mean
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.data.assets import Asset
    from mlci.data.batch import Batch


def missing_columns(asset: Asset, batch: Batch) -> Iterator[Check]:
    """Yield a failed check for each column that `key` or `types` names and that is not there.

    What a project of Great Expectations says of types is left alone: it too passes over a column that is missing.
    """
    for position, column in enumerate(asset.asset.key_columns):
        where = asset.where("key") if isinstance(asset.asset.key, str) else asset.where("key", position)
        yield from _missing(asset, batch, "key", column, where)
    for column in () if asset.place else asset.asset.types:
        yield from _missing(asset, batch, "types", column, asset.where("types", column))


def _missing(asset: Asset, batch: Batch, key: str, column: str, where: Where) -> Iterator[Check]:
    if column in batch.columns:
        return
    advice = did_you_mean(column, batch.columns)
    reason = f"`{key}` names `{column}`, which is no column" + (f"; {advice}" if advice else "")
    yield asset.check(f"{key}.{column}", "failed", reason, reason, where)
