"""Running expectations together: their requests are gathered, answered, and the answers handed back, in rounds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlci.data.answers import Answer, Told, answer
from mlci.data.batch import Batch
from mlci.data.selection import Selection
from mlci.expectations.requests import Finding, Request, Steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One expectation at work on the rows that `condition` selects."""

    steps: Steps
    condition: Any = None
    """A narwhals expression; None takes every row."""
    condition_key: str = ""
    """The condition in words: tasks of the same key share their passes."""


def silent(_line: str) -> None:
    """Tell nobody."""


def run(batch: Batch, tasks: Sequence[Task], *, limit: int, told: Told = silent) -> list[Finding | Exception]:
    """Return what each task found, in order, or why it could not be judged; at most `limit` failing rows of each.

    `told` is called with a line for each pass over the data.
    """
    found: dict[int, Finding | Exception] = {}
    waiting: dict[int, Request] = {}
    for index, task in enumerate(tasks):
        waiting |= _step(partial(next, task.steps), found, index)
    for number in itertools.count(1):
        if not waiting:
            break
        answers = _answer_all(batch, tasks, waiting, limit=limit, told=_numbered(number, told))
        waiting = {}
        for index, answered in answers.items():
            waiting |= _step(_move(tasks[index].steps, answered), found, index)
    return [found[index] for index in range(len(tasks))]


def _numbered(number: int, told: Told) -> Told:
    return lambda line: told(f"{number}. {line}")


def _move(steps: Steps, answered: Answer) -> Callable[[], Request]:
    return partial(steps.throw if isinstance(answered, Exception) else steps.send, answered)


def _step(move: Callable[[], Request], found: dict[int, Finding | Exception], index: int) -> dict[int, Request]:
    """Go one step with the expectation at `index`: return its next request, or put down what it found."""
    try:
        return {index: move()}
    except StopIteration as end:
        found[index] = end.value
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is this expectation's own result
        found[index] = error
    return {}


def _answer_all(
    batch: Batch, tasks: Sequence[Task], waiting: Mapping[int, Request], *, limit: int, told: Told
) -> dict[int, Answer]:
    answers: dict[int, Answer] = {}
    for key in dict.fromkeys(tasks[index].condition_key for index in waiting):
        chosen = {index: request for index, request in waiting.items() if tasks[index].condition_key == key}
        selection = Selection(batch=batch, condition=tasks[next(iter(chosen))].condition, name=key)
        answers |= answer(selection, chosen, limit=limit, told=told)
    return answers
