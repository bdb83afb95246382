"""Checks of how a model trains; each is a function over a `Training` that is registered here under its name.

A check returns a sentence on what it measured, raises `TrainingCheckFailed` with what was measured and what that
usually means, or `NotApplicable` with the reason. Whatever it does, the random state of the process and of the
framework is afterwards what it was before.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec

from mlci.registry import Registry
from mlci.testing.training import Training, TrainingCheckFailed

P = ParamSpec("P")
Check = Callable[..., str]

CHECKS: Registry[Check] = Registry("training check", "mlci.testing.checks")


def check(function: Callable[P, str]) -> Callable[P, str]:
    """Register `assert_NAME` as the check NAME, and keep what it disturbs to itself."""

    @functools.wraps(function)
    def undisturbed(*args: P.args, **kwargs: P.kwargs) -> str:
        __tracebackhide__ = True
        from mlci.testing.isolation import isolated

        training = args[0] if args else kwargs["training"]
        if not isinstance(training, Training):
            raise TypeError(f"{function.__name__} takes a Training, not {type(training).__name__}")
        try:
            with isolated(training):
                return function(*args, **kwargs)
        except TrainingCheckFailed as failure:  # its text says it all: no frames of ours in a traceback
            raise failure.with_traceback(None) from None

    CHECKS.register(function.__name__.removeprefix("assert_"), undisturbed)
    return undisturbed


def settings_of(name: str) -> tuple[str, ...]:
    """Return the settings that the check called `name` takes."""
    return tuple(inspect.signature(CHECKS[name]).parameters)[1:]


def fail(measured: str, *, usually: str) -> NoReturn:
    """Raise `TrainingCheckFailed` with what was measured and what that usually means."""
    __tracebackhide__ = True
    raise TrainingCheckFailed(f"{measured}.\nUsually: {usually}.")


def unless(holds: Any, measured: str, *, usually: str) -> str:
    """Return what was measured when it holds, else fail with it."""
    __tracebackhide__ = True
    if not holds:
        fail(measured, usually=usually)
    return measured
