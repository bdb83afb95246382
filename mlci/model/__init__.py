"""Checks of a model: metrics with limits, slices, and behaviour suites."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlci.model.behaviour.result import BehaviourResult, TestResult
    from mlci.model.behaviour.run import run_behaviour
    from mlci.model.slice_search import Slice, find_slices

__all__ = ["BehaviourResult", "Slice", "TestResult", "find_slices", "run_behaviour"]

_HOMES = {
    "BehaviourResult": "behaviour.result",
    "Slice": "slice_search",
    "TestResult": "behaviour.result",
    "find_slices": "slice_search",
    "run_behaviour": "behaviour.run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
