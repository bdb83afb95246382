"""The lines of a JSON file: where a row begins, and where the file is not well formed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlci.data.sources.fields import IN_MEMORY

_SPACE = " \t\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """What is wrong with a file, and the line."""

    what: str
    line: int


def lines_of(path: Path, rows: Sequence[int], *, array: bool) -> dict[int, int]:
    """Return the line that each of `rows`, from 1, begins on; of nothing in a file too large to read again."""
    if not rows or path.stat().st_size > IN_MEMORY:
        return {}
    wanted, last = set(rows), max(rows)
    found: dict[int, int] = {}
    for number, line in enumerate(_starts(path) if array else _filled(path), start=1):
        if number in wanted:
            found[number] = line
        if number >= last:
            break
    return found


def _filled(path: Path) -> Iterator[int]:
    """Give the numbers of lines that are not blank."""
    with path.open("rb") as file:
        yield from (number for number, line in enumerate(file, start=1) if line.strip())


def _starts(path: Path) -> Iterator[int]:
    """Give the lines that the values of an array begin on, as far as it is well formed."""
    text = path.read_text(encoding="utf-8", errors="replace")
    decoder = json.JSONDecoder()
    at, line, before = text.find("[") + 1, 1, 0
    while True:
        at = _after_space(text, at)
        line, before = line + text.count("\n", before, at), at
        yield line
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        at = _after_space(text, at)
        if text[at : at + 1] != ",":
            return
        at += 1


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def is_object(path: Path) -> bool:
    """Whether the whole file is one object, on several lines."""
    if path.stat().st_size > IN_MEMORY:
        return False
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8", errors="replace")), dict)
    except (ValueError, RecursionError):
        return False


def mistake(path: Path, *, array: bool) -> Mistake | None:
    """Return the first thing that is wrong with a file; nothing where it is too large to look, or Python finds none."""
    if path.stat().st_size > IN_MEMORY:
        return None
    if array:
        return _wrong(path.read_text(encoding="utf-8", errors="replace"), 1)
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        found = (_wrong(line.rstrip(), number) for number, line in enumerate(file, start=1) if line.strip())
        return next((each for each in found if each), None)


def _wrong(text: str, first: int) -> Mistake | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Mistake(what=f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", line=first + error.lineno - 1)
    except RecursionError:
        return Mistake(what="is nested too deeply", line=first)
    return None
