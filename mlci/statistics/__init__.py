"""Deciding whether something got worse: pure functions. NumPy and SciPy are imported on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlci.statistics.compare import compare_predictions
    from mlci.statistics.comparison import ByExample, Comparison, PairedGate, SkippedSlice
    from mlci.statistics.history import predicted_from_history

__all__ = ["ByExample", "Comparison", "PairedGate", "SkippedSlice", "compare_predictions", "predicted_from_history"]

_HOMES = {
    "ByExample": "comparison",
    "Comparison": "comparison",
    "PairedGate": "comparison",
    "SkippedSlice": "comparison",
    "compare_predictions": "compare",
    "predicted_from_history": "history",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in ("numpy", "scipy"):
            raise
        from mlci.errors import CannotRun

        raise CannotRun(
            f"comparing predictions needs {library}, which is not installed.", fix='pip install "mlci[model]"'
        ) from missing
