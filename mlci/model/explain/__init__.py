"""What a model's answers depend on, as checks: importance of columns, a tree in its place, and what answers hang on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mlci.model.predictions import Prediction

Ask = Callable[[Sequence[Any]], Sequence[Prediction]]
"""Returns the predictions for inputs; raises `CannotRun` when there are none."""
