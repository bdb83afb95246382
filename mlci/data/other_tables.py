"""The other assets of a run, as expectations that name one of them see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlci.data.assets import Tables

if TYPE_CHECKING:
    from mlci.data.batch import Batch


class OtherTables(Mapping[str, "Batch"]):
    """The tables of a run as a mapping, each opened when it is taken."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> Batch:
        return self._tables.batch(name)

    def __contains__(self, name: object) -> bool:
        return name in set(self._tables)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(set(self._tables))
