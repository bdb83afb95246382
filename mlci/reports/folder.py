"""The report folder: every report of a run, in a folder that git ignores by itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlci.results import files
from mlci.results.model import Results

REPORTS = ("results.json", "summary.md", "report.html", "junit.xml")
BADGES = "badges"
ATTACHMENTS = ("failing-rows", "overlaps", "behaviour", "explanations", "changed-examples", "never-break", "coverage")
"""Folders in the report folder that gates write to themselves."""


def write(results: Results, folder: Path) -> None:
    """Write `results.json`, `summary.md`, `report.html`, `junit.xml` and badges to `folder`, making it where needed.

    Raises:
        OSError: the folder cannot be written.
    """
    from mlci.reports import html, junit, markdown
    from mlci.reports.badges import badges

    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    files.write(folder / "results.json", results)
    (folder / "summary.md").write_text(markdown.render(results), encoding="utf-8")
    (folder / "report.html").write_text(html.render(results), encoding="utf-8")
    (folder / "junit.xml").write_text(junit.render(results), encoding="utf-8")
    shutil.rmtree(folder / BADGES, ignore_errors=True)
    (folder / BADGES).mkdir()
    for name, badge in badges(results).items():
        (folder / BADGES / name).write_text(badge, encoding="utf-8")


@contextmanager
def made_ready(folder: Path) -> Iterator[Path]:
    """Give `folder` without the leftovers of an earlier run, or a temporary one where it cannot be written.

    So a run keeps its verdict when its report folder is wrong; `write` then says what is wrong.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        for leftover in (*ATTACHMENTS, BADGES):
            shutil.rmtree(folder / leftover, ignore_errors=True)
        for report in REPORTS:  # those of an earlier run must not be taken for this one's
            (folder / report).unlink(missing_ok=True)
    except OSError:
        with tempfile.TemporaryDirectory(prefix="mlci-report-") as temporary:
            yield Path(temporary)
    else:
        yield folder
