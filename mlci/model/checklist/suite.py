"""From what the pickle of a CheckList suite holds to tests in our own format, every one of them accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.model.checklist.arrays import MOST, Unreadable, plain
from mlci.model.checklist.functions import ByHandError, PartlyByHandError, expected, function_of, shown
from mlci.model.checklist.values import Made, RefusedError

TYPES = ("MFT", "INV", "DIR")
_ALONE = ("label", "not-label")
"""Expectations of a prediction on its own; all others compare with the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Converted:
    """A suite in our format, and what is left to do."""

    tests: tuple[Mapping[str, Any], ...]
    """Tests that are ready to run."""
    by_hand: tuple[Mapping[str, Any], ...] = ()
    """Tests that lack what they expect; `by-hand` says why."""
    notes: tuple[str, ...] = ()
    """What differs from the original."""

    @property
    def found(self) -> int:
        """How many tests the pickle holds."""
        return len(self.tests) + len(self.by_hand)


def converted(content: Any, *, only_run: bool = False, limit: float = 0.0, most: int = MOST) -> Converted:
    """Convert what was read from the pickle of a suite or of one test; with `only_run` the cases that were run.

    `limit` is written as `max-failure-rate` of each test where it is above 0; at most `most` values are read.
    Raises `RefusedError` where the pickle holds something else.
    """
    tests: list[Mapping[str, Any]] = []
    by_hand: list[Mapping[str, Any]] = []
    notes: list[str] = []
    room = [most]
    for name, test, info in _tests(content):
        one = _Test(name=name, test=test, info=info, room=room)
        try:
            written = one.written(only_run=only_run, limit=limit)
        except Unreadable as error:
            written = {"name": name, "by-hand": f"its cases cannot be read: {error.what}"}
        (by_hand if "by-hand" in written else tests).append(written)
        notes += [f"{name}: {note}" for note in one.notes]
    if not tests and not by_hand:
        raise RefusedError("the suite has no tests")
    return Converted(tests=tuple(tests), by_hand=tuple(by_hand), notes=tuple(notes))


def _tests(content: Any) -> Iterator[tuple[str, Made, Mapping[str, Any]]]:
    if not isinstance(content, Made) or content.maker.name not in ("TestSuite", *TYPES):
        raise RefusedError("the pickle holds no suite and no test of CheckList")
    if content.maker.name in TYPES:
        name = content.attribute("name")
        yield name if name and isinstance(name, str) else "test", content, {}
        return
    tests, info = content.attribute("tests"), content.attribute("info")
    for name, test in (tests if isinstance(tests, dict) else {}).items():
        if not isinstance(name, str):
            raise RefusedError("the name of a test is no text")
        if not isinstance(test, Made) or test.maker.name not in TYPES:
            raise RefusedError(f"the test {name[:100]!r} is none of CheckList's")
        about = info.get(name) if isinstance(info, dict) else None
        yield name, test, about if isinstance(about, dict) else {}


class _Test:
    """One test on its way."""

    def __init__(self, *, name: str, test: Made, info: Mapping[str, Any], room: list[int]) -> None:
        self.name, self.test, self.info, self.room = name, test, info, room
        self.notes: list[str] = []

    def written(self, *, only_run: bool, limit: float) -> dict[str, Any]:
        """Return the test in our format, with `by-hand` where something is missing."""
        expect, reason = self._expected()
        kind, problem = self._type(expect)
        reason = reason or problem
        labels = self._plain("labels")
        examples = self._examples(labels, compares=kind != "MFT", only_run=only_run)
        written = {
            "name": self.name,
            "capability": self._text("capability"),
            "description": self._text("description"),
            "type": kind,
            **expect,
            "label": None if isinstance(labels, list) else labels,
            "max-failure-rate": limit or None,
            "by-hand": reason,
            "examples": examples,
        }
        return {key: value for key, value in written.items() if value is not None and value != ""}

    def _expected(self) -> tuple[dict[str, Any], str | None]:
        try:
            return expected(self.test.attribute("expect")), None
        except PartlyByHandError as error:
            return error.part, str(error)
        except ByHandError as error:
            return {}, str(error)

    def _type(self, expect: Mapping[str, Any]) -> tuple[str, str | None]:
        """Return the type that judges the same inputs in our format: MFT judges all, the others all but the first."""
        name, aggregate = self.test.maker.name, self.test.attribute("agg_fn")
        if aggregate not in ("all", "all_except_first"):
            found = function_of(aggregate)
            return (
                name,
                f"a case is judged by the function {shown(found)}" if found else "a case is judged in its own way",
            )
        if not expect:
            return name, None
        if aggregate == "all" and _alone(expect.get("expect")):
            return "MFT", None
        return ("DIR" if name == "MFT" else name), None

    def _examples(self, labels: Any, *, compares: bool, only_run: bool) -> list[Any]:
        data = self._plain_data()
        positions = self._run() if only_run else None
        each = isinstance(labels, list)
        if each and len(labels) != len(data):
            raise Unreadable(f"it has {len(data)} cases and {len(labels)} labels")
        found, alone = [], 0
        for at in range(len(data)) if positions is None else positions:
            inputs, several = data[at]
            if compares and len(inputs) < 2:  # noqa: PLR2004 - the original and a variant
                alone += 1
                continue
            found.append(_example(inputs, labels[at] if each else None, several=several or compares, labelled=each))
        if alone:
            self.notes.append(f"{alone} cases have no variant and are left out: they pass for nothing in CheckList")
        return found

    def _plain_data(self) -> list[tuple[list[Any], bool]]:
        """Return the inputs of each case, and whether the case is a list of them."""
        data = self.test.attribute("data")
        if isinstance(data, Made):
            data = plain(data, room=self.room)
        if not isinstance(data, list):
            raise Unreadable("its cases are no list")
        return [self._case(case) for case in data]

    def _case(self, case: Any) -> tuple[list[Any], bool]:
        """Take a list for several inputs and a tuple for one, as CheckList does."""
        several = isinstance(case, list) or (isinstance(case, Made) and case.maker.name == "_reconstruct")
        value = plain(case, room=self.room)
        return (value, True) if several and isinstance(value, list) else ([value], False)

    def _run(self) -> Sequence[int] | None:
        positions = self._plain("run_idxs")
        return positions if isinstance(positions, list) else None

    def _plain(self, name: str) -> Any:
        return plain(self.test.attribute(name), room=self.room)

    def _text(self, name: str) -> str:
        found = self.info.get(name) or self.test.attribute(name)
        return found.strip() if isinstance(found, str) and not found.endswith("_DESCRIPTION") else ""


def _alone(expect: Any) -> bool:
    if isinstance(expect, str):
        return expect in _ALONE
    if isinstance(expect, Mapping):
        return all(
            all(map(_alone, argument)) if name in ("all", "any") else name in _ALONE
            for name, argument in expect.items()
        )
    return False


def _example(inputs: list[Any], label: Any, *, several: bool, labelled: bool) -> Any:
    if not labelled and not several and isinstance(inputs[0], str):
        return inputs[0]
    if not labelled and several and all(isinstance(one, str) for one in inputs):
        return inputs
    return {
        "inputs" if several else "input": inputs if several else inputs[0],
        **({"label": label} if labelled else {}),
    }
