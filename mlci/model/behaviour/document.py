"""Reading a suite file, with the line of everything in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun, ConfigError, UsageError, Where

Steps = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a suite file says; a suite that was parsed elsewhere has no path and no lines."""

    content: Any
    path: str | None = None
    lines: Mapping[Steps, int] = field(default_factory=dict)

    def where(self, *steps: str | int) -> Where | None:
        """Return the place of what `steps` lead to, or of the nearest thing around it."""
        if self.path is None:
            return None
        for size in range(len(steps), -1, -1):
            if steps[:size] in self.lines:
                return Where(path=self.path, line=self.lines[steps[:size]])
        return Where(path=self.path)

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
            raise UsageError(error.what, where=self.where(*steps), key=_key(steps), fix=error.fix) from None


def _key(steps: Steps) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def read_document(path: Path, *, shown: str) -> Document:
    """Read a suite in YAML, or in JSON lines when the name ends in `.jsonl`; `shown` is the path in messages.

    Raises `CannotRun` when the file cannot be read, `UsageError` with its line when it is not YAML or JSON.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else (error.strerror or str(error))
        raise CannotRun(f"the behaviour suite cannot be read: {reason}", where=Where(path=shown)) from None
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_lines(text, shown)
    return _yaml(text, shown)


def _json_lines(text: str, shown: str) -> Document:
    """Read one test a line; a line without `name` adds to the suite itself, as `{"lexicons": {...}}`."""
    content: dict[str, Any] = {"tests": []}
    lines: dict[Steps, int] = {}
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


def _yaml(text: str, shown: str) -> Document:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    lines: dict[Steps, int] = {}
    try:
        node = loader.get_single_node()
        content = None if node is None else _built(loader, node, (), lines, shown)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise UsageError(f"this is not YAML: {error.problem}", where=Where(path=shown, line=line)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"this is not YAML: {error}", where=Where(path=shown)) from None
    finally:
        loader.dispose()
    return Document(content=content, path=shown, lines=lines)


def _built(loader: Any, node: Any, steps: Steps, lines: dict[Steps, int], shown: str) -> Any:
    """Return the value of `node`, and note the lines of all that is inside it."""
    import yaml

    lines.setdefault(steps, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_built(loader, child, (*steps, at), lines, shown) for at, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    loader.flatten_mapping(node)
    mapping: dict[Any, Any] = {}
    own = {id(key) for key, _ in node.value}
    for key_node, child in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping and id(key_node) in own and key_node.start_mark.line >= node.start_mark.line:
            raise UsageError(f'"{key}" is given twice', where=Where(path=shown, line=key_node.start_mark.line + 1))
        lines[(*steps, key)] = key_node.start_mark.line + 1
        mapping[key] = _built(loader, child, (*steps, key), lines, shown)
    return mapping
