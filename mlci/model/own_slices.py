"""Slices that a function of the project's own chooses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlci.config.models import SliceFunction
from mlci.errors import CannotRun, UsageError
from mlci.model.evaluation import Evaluation
from mlci.model.slices import Place, Slice
from mlci.vocabulary import Vocabulary

AT_ONCE = 10_000
"""Examples that one call is given."""


def slices_by_function(
    declared: Mapping[str, Any], evaluation: Evaluation, vocabulary: Vocabulary, *, where: Place
) -> Iterator[tuple[str, Slice | CannotRun]]:
    """Give each slice of `declared` that a function chooses, or why it could not.

    Raises `UsageError` with its place for a setting that the function does not take.
    """
    for name, chosen in declared.items():
        if isinstance(chosen, SliceFunction):
            try:
                members = tuple(_members(name, chosen, evaluation, vocabulary))
            except CannotRun as error:
                yield name, error
            except UsageError as error:
                raise UsageError(error.what, where=where(name), key=f"slices.{name}", fix=error.fix) from None
            else:
                yield name, Slice(name=name, members=members, key=(name,))


def _members(name: str, chosen: SliceFunction, evaluation: Evaluation, vocabulary: Vocabulary) -> Iterator[int]:
    """Give the positions of the examples of which the function says true; it is given their rows, a part at a time."""
    function = vocabulary.at("expectation", chosen.function)
    settings = function.checked(chosen.settings, of=f'slice "{name}"')
    rows = list(evaluation.rows)
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        answer = vocabulary.host.ask("judge_values", function.target, part, settings)
        left_out = set(answer["bad"])
        yield from (start + at for at in range(len(part)) if at not in left_out)
