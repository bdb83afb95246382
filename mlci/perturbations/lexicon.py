"""The word lists that come with mlci, as tables."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the word list called `name`, in order, each a mapping of columns to words."""
    text = resources.files("mlci.perturbations").joinpath("lexicons", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
