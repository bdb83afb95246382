"""Reading a suite file, with the line of everything in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlci import documents
from mlci.errors import CannotRun, ConfigError, UsageError, Where
from mlci.places import Key, dotted, place


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a suite file says; a suite that was parsed elsewhere has no path and no lines."""

    content: Any
    path: str | None = None
    lines: Mapping[Key, int] = field(default_factory=dict)

    def where(self, *steps: str | int) -> Where | None:
        """Return the place of what `steps` lead to, or of the nearest thing around it."""
        return None if self.path is None else place(self.path, self.lines, steps)

    @contextmanager
    def at(self, *steps: str | int) -> Iterator[None]:
        """Give every `UsageError` raised inside the place that `steps` lead to, unless it has one."""
        try:
            yield
        except ConfigError:
            raise
        except UsageError as error:
            if error.where is not None or error.key:
                raise
            raise UsageError(error.what, where=self.where(*steps), key=dotted(steps), fix=error.fix) from None


def read_document(path: Path, *, shown: str) -> Document:
    """Read a suite in YAML, or in JSON lines when the name ends in `.jsonl`; `shown` is the path in messages.

    Raises `CannotRun` when the file cannot be read, `UsageError` with its line when it is not YAML or JSON.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotRun(f"the behaviour suite cannot be read: {reason}", where=Where(path=shown)) from None
    return parse_document(raw, shown=shown)


def parse_document(raw: bytes, *, shown: str) -> Document:
    """Return what the bytes of a suite say; `shown` is its path, whose ending tells JSON lines from YAML.

    Raises `UsageError` with the line where they are not YAML or JSON.
    """
    if shown.lower().endswith((".jsonl", ".ndjson")):
        return _json_lines(_text(raw, shown), shown)
    read = documents.read(raw, shown)
    return Document(content=read.value, path=shown, lines=read.lines)


def _text(raw: bytes, shown: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError("not UTF-8", where=Where(path=shown, line=line), fix="Save it as UTF-8.") from None


def _json_lines(text: str, shown: str) -> Document:
    """Read one test a line; a line without `name` adds to the suite itself, as `{"lexicons": {...}}`."""
    content: dict[str, Any] = {"tests": []}
    lines: dict[Key, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = Where(path=shown, line=number)
        try:
            item = json.loads(line)
        except ValueError as error:
            raise UsageError(f"this line is not JSON: {error}", where=where) from None
        if not isinstance(item, dict):
            raise UsageError("a line of a suite is an object: a test", where=where)
        if item.keys() & {"name", "type", "expect"} or "tests" in item:
            lines["tests", len(content["tests"])] = number
            content["tests"].append(item)
        else:
            _add(content, item, where)
            lines.update({(key,): number for key in item})
    return Document(content=content, path=shown, lines=lines)


def _add(content: dict[str, Any], item: Mapping[str, Any], where: Where) -> None:
    for key, value in item.items():
        if isinstance(content.get(key), dict) and isinstance(value, dict):
            content[key].update(value)
        elif key in content:
            raise UsageError(f'"{key}" is given twice', where=where)
        else:
            content[key] = value
