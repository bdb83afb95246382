"""Reading JUnit XML, of pytest and of others: each test, how it ended, and where it failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from xml.parsers import expat

from mlci.errors import CannotRun

LARGEST = 256 << 20
"""Bytes of the largest file that is read."""

TestOutcome = Literal["passed", "skipped", "failed", "error"]
_WORST_LAST: tuple[TestOutcome, ...] = ("passed", "skipped", "failed", "error")
_RERUN = frozenset({"flakyFailure", "flakyError", "rerunFailure", "rerunError"})
"""What Surefire and its like write of a test that ran again."""
_OUTCOMES: dict[str, TestOutcome] = {"skipped": "skipped", "failure": "failed", "error": "error"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TestRun:
    """One test, or one file that could not be collected."""

    __test__ = False  # its name must not make pytest take it for a test

    id: str
    """As pytest names it: `tests/test_a.py::TestB::test_c[d]`."""
    outcome: TestOutcome
    file: str | None
    """The file of the test, relative to pytest's own root folder."""
    line: int | None
    """The line where the test begins, from 1."""
    message: str = ""
    """The first words on why it did not pass."""
    text: str = ""
    """The whole of it: source lines, values, traceback."""
    of_collection: bool = False
    """Whether it is a file that could not be collected."""
    flaky: bool = False
    """Whether it failed and passed when it ran again; message and text are those of the failure."""
    seconds: float = 0.0
    """How long it took."""


def read_junit(path: Path, name: str = "pytest's report") -> tuple[TestRun, ...]:
    """Return the tests in the file at `path`, in order, each once: parts of one test count as their worst.

    `name` is what messages call the file.

    Raises:
        CannotRun: it is missing, too large, cut off, not JUnit XML, or declares entities.
    """
    reader = _Reader()
    try:
        if path.stat().st_size > LARGEST:
            raise CannotRun(f"{name} is larger than {LARGEST >> 20} MiB")
        with path.open("rb") as file:
            reader.parser.ParseFile(file)
    except FileNotFoundError:
        raise CannotRun(f"{name} is missing") from None
    except (expat.ExpatError, OSError) as error:
        raise CannotRun(f"{name} cannot be read: {error}") from None
    except ValueError as error:
        raise CannotRun(f"{name} {error}") from None
    if not reader.is_junit:
        raise CannotRun(f"{name} is not JUnit XML")
    return tuple(merged(reader.tests).values())


def merged(tests: Iterable[TestRun]) -> dict[str, TestRun]:
    """Return tests by their id: parts of one, as its set-up and tear-down, count as their worst."""
    found: dict[str, TestRun] = {}
    for test in tests:
        known = found.get(test.id)
        found[test.id] = test if known is None else _worse(known, test)
    return found


def _worse(one: TestRun, other: TestRun) -> TestRun:
    seconds = round(one.seconds + other.seconds, 6)
    if _WORST_LAST.index(one.outcome) >= _WORST_LAST.index(other.outcome):
        return replace(one, seconds=seconds)
    return replace(other, message=one.message or other.message, text=one.text or other.text, seconds=seconds)


class _Reader:
    """Gathers test cases from a stream of XML, which is not to hold a document type."""

    def __init__(self) -> None:
        self.tests: list[TestRun] = []
        self.is_junit = False
        self._case: dict[str, str] = {}
        self._flaky = False
        self._results: list[tuple[TestOutcome, str, list[str]]] = []
        self._text: list[str] | None = None
        self.parser: Any = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("testsuites", "testsuite"):
            self.is_junit = True
        elif name == "testcase":
            self._case, self._results, self._flaky = attributes, [], False
        elif name in _RERUN:
            self._flaky = True
        elif name in _OUTCOMES:
            self._text = []
            self._results.append((_OUTCOMES[name], attributes.get("message", ""), self._text))

    def _characters(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end(self, name: str) -> None:
        if name in _OUTCOMES:
            self._text = None
        elif name == "testcase":
            self.tests.append(_test(self._case, self._results, flaky=self._flaky))


def _refuse(*_declared: object) -> None:
    raise ValueError("declares a document type, which reports of tests never do")


def _test(case: dict[str, str], results: list[tuple[TestOutcome, str, list[str]]], *, flaky: bool) -> TestRun:
    outcome: TestOutcome = max((result[0] for result in results), key=_WORST_LAST.index, default="passed")
    message, text = next(((message, "".join(text)) for found, message, text in results if found == outcome), ("", ""))
    line = case.get("line", "")
    of_collection = case.get("classname") == "" and message == "collection failure"
    return TestRun(
        id=case.get("file") or case.get("name", "") if of_collection else _id(case),
        outcome=outcome,
        file=case.get("file"),
        line=int(line) + 1 if line.isdecimal() else None,
        message=message,
        text=text,
        of_collection=of_collection,
        flaky=flaky and outcome == "passed",
        seconds=_seconds(case.get("time", "")),
    )


def _seconds(text: str) -> float:
    """Return a time, which is 0 where a plugin wrote none or no number."""
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0


def _id(case: dict[str, str]) -> str:
    """Return pytest's own id of a test case; its class is what follows the module in the dotted class name."""
    file, name, owner = case.get("file", ""), case.get("name", ""), case.get("classname", "")
    if not file:
        return "::".join(part for part in (owner, name) if part)
    module = file.removesuffix(".py").replace("/", ".").replace("\\", ".")
    classes = owner.rpartition(module)[2].strip(".").split(".") if module in owner else []
    return "::".join([file, *(part for part in classes if part), name])
