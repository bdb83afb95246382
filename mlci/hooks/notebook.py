"""Reading a Jupyter notebook, for the hooks that look into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun, Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """One output of a cell."""

    cell: int
    """The cell, counted from 1."""
    kind: str
    """`stream`, `display_data`, `execute_result` or `error`."""
    texts: tuple[str, ...]
    """What it holds that is text; pictures are left out."""
    error: str = ""
    """The name of the exception, of an `error`."""


def outputs_of(path: Path, name: str) -> Iterator[Output]:
    """Give the outputs of the notebook at `path`, which messages call `name`.

    Raises:
        CannotRun: it is no notebook.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CannotRun(f"cannot be read as a notebook: {error}", where=Where(path=name)) from error
    for number, cell in enumerate(_cells(content), 1):
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        for output in outputs if isinstance(outputs, list) else []:
            if isinstance(output, Mapping):
                yield _output(number, output)


def _cells(content: Any) -> list[Any]:
    """Return the cells; those of versions before 4 lie in worksheets."""
    if not isinstance(content, Mapping):
        return []
    sheets = content.get("worksheets")
    holders = sheets if isinstance(sheets, list) else [content]
    found = (holder.get("cells") for holder in holders if isinstance(holder, Mapping))
    return [cell for cells in found if isinstance(cells, list) for cell in cells]


def _output(cell: int, output: Mapping[str, Any]) -> Output:
    data = output.get("data")
    shown = {kind: value for kind, value in data.items() if not _is_picture(kind)} if isinstance(data, Mapping) else {}
    parts = [output.get("text"), output.get("traceback"), output.get("evalue"), *shown.values()]
    kind = {"pyout": "execute_result", "pyerr": "error"}.get(str(output.get("output_type")), output.get("output_type"))
    name = str(output.get("ename") or "an exception") if kind == "error" else ""
    return Output(cell=cell, kind=str(kind), texts=tuple(filter(None, map(_text, parts))), error=name)


def _is_picture(kind: str) -> bool:
    return kind.startswith(("image/", "video/", "audio/")) and kind != "image/svg+xml"


def _text(part: Any) -> str:
    if isinstance(part, list):
        return "".join(str(line) for line in part)
    return part if isinstance(part, str) else json.dumps(part) if part else ""
