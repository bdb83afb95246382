"""Holding back the garbage collector where very many values are made and none of them is garbage."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held_back() -> Iterator[Callable[..., Any]]:
    """Make no search for cycles inside: it would walk through all cases again and again, for nothing.

    Gives a function that calls another, the user's own, with the collector as it was.
    """
    on = gc.isenabled()

    def let_go(function: Callable[..., Any], *arguments: Any) -> Any:
        if on:
            gc.enable()
        try:
            return function(*arguments)
        finally:
            gc.disable()

    gc.disable()
    try:
        yield let_go
    finally:
        if on:
            gc.enable()
