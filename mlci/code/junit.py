"""Reading the JUnit XML that pytest writes: each test, how it ended, and where it failed."""

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
    seconds: float = 0.0
    """How long it took."""


def read_junit(path: Path) -> tuple[TestRun, ...]:
    """Return the tests in the file at `path`, in order, each once: parts of one test count as their worst.

    Raises `CannotRun` where the file is missing, too large, cut off, not JUnit XML, or declares entities.
    """
    reader = _Reader()
    try:
        if path.stat().st_size > LARGEST:
            raise CannotRun(f"pytest's report is larger than {LARGEST >> 20} MiB")
        with path.open("rb") as file:
            reader.parser.ParseFile(file)
    except FileNotFoundError:
        raise CannotRun("pytest left no report") from None
    except (expat.ExpatError, OSError) as error:
        raise CannotRun(f"pytest's report cannot be read: {error}") from None
    if not reader.is_junit:
        raise CannotRun("pytest's report is not JUnit XML")
    return tuple(_merged(reader.tests).values())


def _merged(tests: Iterable[TestRun]) -> dict[str, TestRun]:
    merged: dict[str, TestRun] = {}
    for test in tests:
        known = merged.get(test.id)
        merged[test.id] = test if known is None else _worse(known, test)
    return merged


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
            self._case, self._results = attributes, []
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
            self.tests.append(_test(self._case, self._results))


def _refuse(*_declared: object) -> None:
    raise CannotRun("pytest's report declares a document type, which pytest never does")


def _test(case: dict[str, str], results: list[tuple[TestOutcome, str, list[str]]]) -> TestRun:
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
        seconds=_seconds(case.get("time", "")),
    )


def _seconds(text: str) -> float:
    """Return a time, which is 0 where a plugin wrote none or no number."""
    try:
        seconds = float(text)
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
