"""Checks of a model: metrics with limits, slices, and behaviour suites."""

from __future__ import annotations

from mlci.model.behaviour.result import BehaviourResult, TestResult
from mlci.model.behaviour.run import run_behaviour

__all__ = ["BehaviourResult", "TestResult", "run_behaviour"]
