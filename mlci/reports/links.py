"""The addresses that a report may point to: our own, never one that a result names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from mlci.errors import Where
from mlci.reports.inert import value

_PATH = re.compile(r"(?:(?!\.{1,2}/)[^/\\\x00-\x1f\x7f]+/)*(?!\.{1,2}$)[^/\\\x00-\x1f\x7f]+")
_LONGEST_PATH = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Where a reader can go on; an empty text means that there is no such place."""

    run: str = ""
    """The page of the workflow run, with its log, summary and artifacts."""
    source: str = ""
    """What a file's address begins with, up to and with the last slash: repository, commit and project folder."""

    def place(self, where: Where) -> str:
        """Return a file and line as Markdown: a link into the repository where the path can only lie in it."""
        shown, address = value(str(where)), self.address(where)
        return f'<a href="{address}">{shown}</a>' if address else shown

    def address(self, where: Where) -> str:
        """Return the address of a file and line in the repository; empty where the path may lead out of it."""
        if not self.source or len(where.path) > _LONGEST_PATH or not _PATH.fullmatch(where.path):
            return ""
        line = f"#L{where.line}" if where.line else ""
        return f"{self.source}{quote(where.path, safe='/', errors='replace')}{line}"
