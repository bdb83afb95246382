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
    free = on and not gc.get_freeze_count()  # what the caller has set aside must stay so
    aside = False

    def let_go(function: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal aside
        if free and not aside:
            aside = True
            gc.freeze()  # or the first search in there would walk through all cases
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
        if aside:
            gc.unfreeze()
        if on:
            gc.enable()
