"""Arrays of any framework as NumPy's, and how far two of them lie apart, in the precision that they were made with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:  # NumPy is imported by what computes with it
    Array = Any

_COARSE = {"bfloat16": 2.0**-7, "float16": 2.0**-10}
"""The machine epsilon of types that NumPy does not have, or that are turned into wider ones on the way."""


def as_array(values: Any) -> Array:
    """Return tensors, frames, sparse matrices and lists as a NumPy array; bfloat16, which NumPy lacks, as float32."""
    import numpy as np

    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if "bfloat16" in str(values.dtype) else values
    if hasattr(values, "toarray"):
        values = values.toarray()
    array = np.asarray(values)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def as_numbers(values: Any) -> Array:
    """Return the array as float64, for arithmetic that adds no error of its own."""
    import numpy as np

    return as_array(values).astype(np.float64)


def epsilon_of(values: Any) -> float:
    """Return the machine epsilon of the type of `values`; that of float64 where they are no floats."""
    import numpy as np

    name = str(getattr(values, "dtype", "")).rpartition(".")[2]
    if name in _COARSE:
        return _COARSE[name]
    dtype = as_array(values).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps)


def relative_tolerance(epsilon: float) -> float:
    """Return how far results of one computation, done in another order, may lie apart by their largest value.

    The machine epsilon to the power of 0.6: 4e-10 for float64, 7e-5 for float32, 0.016 for float16, 0.05 for bfloat16.
    A sum over a million terms of float32 stays within it; a leak of one example in a thousand does not.
    """
    return float(epsilon**0.6)


def largest(values: Any) -> float:
    """Return the largest absolute value, 0 for none."""
    import numpy as np

    numbers = as_numbers(values)
    return float(np.max(np.abs(numbers))) if numbers.size else 0.0


def distance(one: Any, other: Any) -> float:
    """Return the largest absolute difference: infinite for other shapes or NaN in one alone, any for what is no number.

    Two NaN or two equal infinities in one place do not differ. Texts and labels that differ lie infinitely far apart.
    """
    import numpy as np

    first, second = as_array(one), as_array(other)
    if first.shape != second.shape:
        return math.inf
    if first.dtype.kind not in "fiub" or second.dtype.kind not in "fiub":
        return 0.0 if bool(np.all(first == second)) else math.inf
    first, second = first.astype(np.float64), second.astype(np.float64)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    apart = np.abs(np.where(same, 0.0, first) - np.where(same, 0.0, second))
    return float(np.max(np.where(np.isnan(apart), np.inf, apart))) if apart.size else 0.0


def relative_distance(one: Any, other: Any) -> float:
    """Return the largest absolute difference as a share of the largest absolute value of both."""
    apart = distance(one, other)
    if apart in (0.0, math.inf):
        return apart
    return apart / max(largest(one), largest(other))


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of what is not exactly the same after as before."""
    return [name for name in before if name not in after or distance(before[name], after[name]) > 0]


def copies(arrays: Mapping[str, Any]) -> dict[str, Array]:
    """Return the arrays as NumPy's own, which do not change with the model."""
    return {name: as_array(values).copy() for name, values in arrays.items()}


def one_number(value: Any) -> float:
    """Return a loss as a float, whichever scalar it is."""
    numbers = as_numbers(value)
    if numbers.size != 1:
        raise ValueError(f"the loss of a batch is one number, not an array of shape {numbers.shape}")
    return float(numbers.reshape(()))
