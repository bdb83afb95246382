"""Files that are rules though `mlci.yaml` does not name them: a function for each kind of them.

Adding a kind is adding a function to a module here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mlci.registry import Registry

if TYPE_CHECKING:
    from mlci.results.rules import RuleChange
    from mlci.rules.sides import Sides

Look = Callable[["Sides"], "Iterator[RuleChange]"]
FILES: Registry[Look] = Registry("file of rules", "mlci.rules.files")
"""What is looked at on both sides, by name."""


def file(look: Look) -> Look:
    """Register a function that compares files of both sides, under its own name."""
    return FILES.register(look.__name__, look)
