"""Questions to functions of the project, gathered one by one and asked together."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlci.vocabulary.function import Function
from mlci.vocabulary.host import Host

AT_ONCE = 1000
"""Questions asked in one call at most."""


class Pending(Exception):  # noqa: N818 - it is no error: the answer comes with the next round
    """The question was not answered yet; it is asked with others by `Questions.settle`."""


Put = Callable[[Host, "Use", list[Any]], list[Any]]
"""Returns the answers to a list of questions, in order."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """One function with its settings, and how its questions are put."""

    function: Function
    settings: Mapping[str, Any] = field(default_factory=dict)
    put: Put


class Questions:
    """What was asked of the functions of one test, and what they answered."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.used = False
        self._known: dict[Hashable, Any] = {}
        self._waiting: dict[int, tuple[Use, dict[Hashable, Any]]] = {}

    def use(self, function: Function, settings: Mapping[str, Any], put: Put) -> Use:
        """Return `function` with its settings, to be asked in these questions; `put` returns answers in order."""
        self.used = True
        return Use(function=function, settings=settings, put=put)

    def answer(self, use: Use, question: Any) -> Any:
        """Return the answer to `question`, which is plain JSON; raise `Pending` where it is not there yet."""
        key = (id(use), json.dumps(question, default=str))
        if key not in self._known:
            self._waiting.setdefault(id(use), (use, {}))[1][key] = question
            raise Pending
        return self._known[key]

    def settle(self) -> bool:
        """Ask what is waiting; return whether there was anything. Raises `CannotRun`."""
        waiting, self._waiting = self._waiting, {}
        for use, questions in waiting.values():
            keys = list(questions)
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                answers = use.put(self.host, use, [questions[key] for key in some])
                self._known.update(zip(some, answers, strict=True))
        return bool(waiting)

    def gather(self, asking: Iterable[Callable[[], object]]) -> None:
        """Call each of `asking` as often as it takes to have every answer that it needs. Raises `CannotRun`."""
        left = list(asking)
        while left:
            left = [each for each in left if not _answered(each)]
            self.settle()


def _answered(asking: Callable[[], object]) -> bool:
    with suppress(Pending):
        asking()
        return True
    return False
