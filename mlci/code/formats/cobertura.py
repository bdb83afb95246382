"""Cobertura's XML, which coverage.py and many other tools write."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from mlci.code.coverage import Measured
from mlci.code.formats import reader
from mlci.code.formats.by_line import Tally, measured

_CONDITIONS = re.compile(r"\((\d+)/(\d+)\)")
_ROOT = re.compile(rb"<(?![?!])([\w:.-]+)")
_MILLISECONDS = 10**11
"""Times above this are in milliseconds, by which coverage.py and Cobertura count, and not in seconds."""


@reader
def cobertura(raw: bytes) -> Measured | None:
    """`coverage xml` (Cobertura)."""
    root = _ROOT.search(raw[:4096]) if raw.lstrip().startswith(b"<") else None
    if root is None or root[1] != b"coverage":
        return None
    gathered = _Gatherer()
    try:
        gathered.parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise ValueError(f"it is not whole XML: {error}") from None
    if not gathered.is_cobertura:
        raise ValueError("its root is `coverage`, but it is not Cobertura's")
    return measured(gathered.tallies, sources=tuple(gathered.sources), made=gathered.made)


class _Gatherer:
    """Gathers lines from XML, which is not to declare entities."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.sources: list[str] = []
        self.made: datetime | None = None
        self.is_cobertura = False
        self._file: Tally | None = None
        self._text: list[str] | None = None
        self.parser: Any = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "coverage":
            self.made = _moment(attributes.get("timestamp", ""))
        elif name == "packages":
            self.is_cobertura = True
        elif name == "source":
            self._text = []
        elif name == "class":
            self._file = self.tallies.setdefault(attributes["filename"], Tally())
        elif name == "line" and self._file is not None:
            self._line(self._file, attributes)

    def _line(self, file: Tally, attributes: dict[str, str]) -> None:
        number = int(attributes["number"])
        file.hit(number, int(attributes["hits"]))
        conditions = _CONDITIONS.search(attributes.get("condition-coverage", ""))
        if attributes.get("branch") == "true" and conditions:
            file.branch(number, int(conditions[1]), int(conditions[2]))

    def _characters(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end(self, name: str) -> None:
        if name == "class":
            self._file = None
        elif name == "source" and self._text is not None:
            text = "".join(self._text).strip()
            self.sources += [text] if text else []
            self._text = None


def _refuse(*_declared: object) -> None:
    raise ValueError("it declares entities, which no report needs")


def _moment(text: str) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    return None
