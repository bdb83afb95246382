"""What a step tells GitHub Actions: log lines, annotations, the step summary and outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mlci.errors import CannotRun
from mlci.github.annotations import Annotation
from mlci.reports.inert import prose, visible

SUMMARY_BYTES = 900 * 1024
ANNOTATIONS = 10
_LINE = 1_000
_SMALLEST_REPORT = 60_000
_PATH = 400
_OLD_COMMAND = re.compile(r"##(?=\w*\[)")


def log_line(text: str, *, limit: int = _LINE) -> str:
    """Return `text` as one line that no runner takes for a workflow command."""
    line = visible(text, limit=limit).strip()
    safe = _OLD_COMMAND.sub("# #", line)
    return f": {safe[1:]}" if safe.startswith("::") else safe


def command(name: str, message: str, properties: Mapping[str, str] | None = None) -> str:
    """Return a workflow command; `message` and the values of `properties` are untrusted and escaped."""
    told = ",".join(f"{key}={_property(value)}" for key, value in (properties or {}).items())
    return f"::{name}{f' {told}' if told else ''}::{_message(message)}"


def notice(message: str) -> str:
    """Return the command that shows `message` on the run's page."""
    return command("notice", message, {"title": "mlci"})


def annotate(annotations: Sequence[Annotation]) -> Iterator[str]:
    """Yield commands for the worst ten of `annotations` and ten rows of uncovered lines; the report has the rest.

    A runner takes ten errors, warnings and notices a step; what is inconclusive is no reason to interrupt anybody.
    """
    worst = [one for one in annotations if one.level != "notice"][:ANNOTATIONS]
    lines = [one for one in annotations if one.last_line is not None][:ANNOTATIONS]
    for one in (*worst, *lines):
        yield command(one.level, one.message, {**_place(one), "title": one.title})


def append_summary(path: str, render: Callable[[int], str]) -> None:
    """Append what `render` gives for a room in UTF-16 units; a summary over GitHub's limit would be dropped whole.

    Raises:
        CannotRun: the file cannot be written, or what other programs wrote to it leaves too little room.
    """
    try:
        file = Path(path)
        used = file.stat().st_size if file.exists() else 0
        room = (SUMMARY_BYTES - used) // 3  # a UTF-16 unit takes at most three bytes in UTF-8
        if room < _SMALLEST_REPORT:
            raise CannotRun("the step summary is nearly full with what other programs wrote: nothing was added")
        with file.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if used else "") + render(room))
    except OSError as error:
        raise CannotRun(f"the step summary cannot be written: {error.strerror}") from error


def note(path: str, text: str) -> None:
    """Append one line to the step summary, where there is one; `text` is untrusted."""
    if path:
        with suppress(OSError), Path(path).open("a", encoding="utf-8") as stream:
            stream.write(f"{prose(text, limit=_LINE)}\n")


def append_outputs(path: str, values: Mapping[str, str], *, random_hex: Callable[[], str]) -> None:
    """Append outputs by GitHub's heredoc form, under a delimiter that no value contains.

    Raises:
        CannotRun: the file cannot be written, or a value holds its own delimiter.
    """
    lines = [_output(name, value, f"mlci_{random_hex()}") for name, value in values.items()]
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(lines))
    except OSError as error:
        raise CannotRun(f"the step's outputs cannot be written: {error.strerror}") from error


def _output(name: str, value: str, delimiter: str) -> str:
    if delimiter in value or delimiter in name:
        raise CannotRun(f"the output {name} holds its own delimiter")
    return f"{name}<<{delimiter}\n{value.encode('utf-8', 'replace').decode('utf-8')}\n{delimiter}\n"


def _place(annotation: Annotation) -> dict[str, str]:
    if not annotation.path:
        return {}
    line = {"line": str(annotation.line)} if annotation.line else {}
    last = {"endLine": str(annotation.last_line)} if annotation.line and annotation.last_line else {}
    return {"file": annotation.path, **line, **last}


def _message(text: str) -> str:
    return _escape(visible(text, limit=_LINE))


def _property(text: str) -> str:
    return _escape(visible(text, limit=_PATH)).replace(":", "%3A").replace(",", "%2C")


def _escape(text: str) -> str:
    return _OLD_COMMAND.sub("# #", text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
