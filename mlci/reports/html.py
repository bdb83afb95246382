"""The HTML report: one file that needs nothing else, for whoever wants to see all of a run.

Every text that comes from results is untrusted. The template escapes each of them, after what is invisible in it was
written out; the page loads nothing, runs nothing, and links only to addresses of our own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from mlci.numbers import count
from mlci.reports.inert import visible
from mlci.reports.layout import fit
from mlci.reports.legs import gathered
from mlci.reports.links import Links
from mlci.results.model import Results

if TYPE_CHECKING:
    from jinja2 import Environment

BUDGET = 2_000_000
"""UTF-16 units of markup that are listed; what has no room is counted."""
_LONGEST = 5_000


def render(
    results: Results, *, links: Links | None = None, show_values: bool | None = None, budget: int = BUDGET
) -> str:
    """Return the report as one HTML page.

    Values of data rows and examples of failing cases appear only with `show_values`, which is what the results say
    when left out. Entries are listed in at most `budget` UTF-16 units; a note counts those left out.
    """
    from markupsafe import Markup

    from mlci.reports.page.sections import Writer
    from mlci.reports.page.top import top_of

    links, results = links or Links(), gathered(results)
    values = results.show_values if show_values is None else show_values
    macros: Any = _environment().get_template("entries.html").module
    writer = Writer(results=results, links=links, show_values=values, macros=macros)
    body, dropped = fit(tuple(writer.sections()), budget=budget)
    style, top = _style(), top_of(results)
    return (
        _environment()
        .get_template("report.html")
        .render(
            top=top,
            reason=macros.words(top.reason),
            body=Markup(body),  # noqa: S704 - made of nothing but what the macros of the template gave
            left_out=_left_out(dropped),
            run=links.run,
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=_hash(style),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from mlci.reports.compiled import cache as compiled

    environment = Environment(
        loader=PackageLoader("mlci.reports"),
        bytecode_cache=compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_readable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"pieces": _pieces, "quoted": _quoted}
    return environment


def _readable(value: Any) -> Any:
    """Return what the template is about to escape and write: text in one line, with all that is invisible shown."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, limit=_LONGEST)
    return "" if value is None else value


def _pieces(name: str) -> list[str]:
    """Return the pieces of a name that a line may end after."""
    return re.split(r"(?<=[._/])", name[:_LONGEST])


def _quoted(text: str) -> list[str]:
    """Return what is outside and inside of backticks in turn; the whole where a backtick has no partner."""
    pieces = text[:_LONGEST].split("`")
    return pieces if len(pieces) % 2 else [text]


@cache
def _style() -> str:
    from importlib.resources import files

    return files("mlci.reports").joinpath("templates", "report.css").read_text(encoding="utf-8")


def _hash(style: str) -> str:
    """Return what a content security policy calls `style` by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


def _left_out(dropped: tuple[tuple[int, str], ...]) -> str:
    if not dropped:
        return ""
    what = ", ".join(f"{number:,} of {name}" for number, name in dropped)
    total = count(sum(number for number, _name in dropped), "entry is", "entries are")
    return f"Left out for length: {total} not on this page ({what}). All of them are in results.json."
