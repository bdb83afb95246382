"""Opening data that lies in no file of the project: a database, Spark, or what a function of the project returns."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlci.config.sources import Spark, Sql

if TYPE_CHECKING:
    from mlci.data.assets import Asset
    from mlci.data.batch import Batch


def open_elsewhere(asset: Asset) -> Batch:
    """Return the table that `sql`, `spark` or `loader` of an asset stands for.

    Raises:
        MlciError: it cannot be read.
    """
    source = asset.asset.elsewhere
    root = asset.context.root
    if isinstance(source, Sql):
        from mlci.data.sources.sql import open_sql

        return open_sql(source, root=root, environ=os.environ, order_by=asset.asset.order_by)
    if isinstance(source, Spark):
        from mlci.data.sources.spark import open_spark

        return open_spark(source, root=root, order_by=asset.asset.order_by)
    from mlci.data.sources.loader import open_loaded

    if source is None:
        raise TypeError("the asset lies in a file")
    return open_loaded(source, asset.context)
