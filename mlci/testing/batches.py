"""Batches of any kind: how many examples they hold, some of them, and copies."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any


def size(batch: Any) -> int:
    """Return the number of examples: of the first part, where a batch is a tuple or a mapping of several."""
    if isinstance(batch, Mapping):
        return size(next(iter(batch.values())))
    if isinstance(batch, tuple):
        return size(batch[0])
    return int(batch.shape[0]) if hasattr(batch, "shape") else len(batch)


def rows(batch: Any, indices: Sequence[int]) -> Any:
    """Return the examples at `indices`, in that order, in a batch of the same kind.

    Tuples and mappings are several inputs of one example; a list is a list of examples.
    """
    if isinstance(batch, Mapping):
        return {name: rows(part, indices) for name, part in batch.items()}
    if isinstance(batch, tuple):
        return tuple(rows(part, indices) for part in batch)
    if hasattr(batch, "iloc"):
        return batch.iloc[list(indices)]
    if not hasattr(batch, "shape"):
        return [batch[index] for index in indices]
    import numpy as np

    return batch[np.asarray(indices, dtype=int)]


def copied(batch: Any) -> Any:
    """Return a batch that can be changed without changing this one."""
    if isinstance(batch, Mapping):
        return {name: copied(part) for name, part in batch.items()}
    if isinstance(batch, tuple):
        return tuple(copied(part) for part in batch)
    if hasattr(batch, "detach"):  # a tensor of PyTorch
        return batch.detach().clone()
    return copy.deepcopy(batch)


def parts(batch: Any) -> list[Any]:
    """Return the arrays that a batch is made of: itself, or the parts of its tuples and mappings."""
    if isinstance(batch, Mapping | tuple):
        inner = batch.values() if isinstance(batch, Mapping) else batch
        return [array for part in inner for array in parts(part)]
    return [batch]
