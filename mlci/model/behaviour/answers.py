"""Asking a model that may fail about all inputs of a suite, so that one bad input costs only its own test."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from mlci.errors import CannotRun, MlciError
from mlci.model.behaviour.cases import Cases, key_of
from mlci.model.behaviour.run import different_inputs
from mlci.model.predictions import Prediction

Ask = Callable[[Sequence[Any]], Sequence[Prediction]]
Answer = Prediction | str


def answers_to(
    built: Sequence[Cases | MlciError], ask: Ask, *, batch_size: int, progress: Callable[[str], None]
) -> dict[Hashable, Answer]:
    """Return the prediction for each input of all tests, or why there is none.

    Inputs are asked about once, in batches. Those of a batch that fails are asked about again test by test.
    """
    answers: dict[Hashable, Answer] = {}
    inputs = different_inputs(built)
    for start in range(0, len(inputs), batch_size):
        _ask(inputs[start : start + batch_size], ask, answers)
        if len(inputs) > batch_size:
            progress(f"{len(answers):,} of {len(inputs):,} behaviour inputs asked")
    failed = [
        [one for one in different_inputs([cases]) if isinstance(answers[key_of(one)], str)]
        for cases in built
        if isinstance(cases, Cases)
    ]
    groups = [group for group in failed if group]
    for group in groups if len(groups) > 1 else []:
        for start in range(0, len(group), batch_size):
            _ask(group[start : start + batch_size], ask, answers)
    return answers


def _ask(inputs: Sequence[Any], ask: Ask, answers: dict[Hashable, Answer]) -> None:
    keys = list(map(key_of, inputs))
    try:
        answers.update(zip(keys, ask(inputs), strict=True))
    except CannotRun as error:
        answers.update(dict.fromkeys(keys, error.says))
