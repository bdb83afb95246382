"""Print what the doctor found for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mlci.doctor.findings import Finding, Section, State
from mlci.reports.terminal import plain

_SIGNS: dict[State, tuple[str, str]] = {"fine": ("+", "green"), "note": ("-", "yellow"), "missing": ("!", "bold red")}


def show(sections: Sequence[Section]) -> None:
    """Print each section, and what there is to do at the end."""
    console = Console(highlight=False, soft_wrap=True)
    for section in sections:
        console.print(Text(plain(section.title), style="bold"))
        width = max(len(finding.name) for finding in section.findings)
        for finding in section.findings:
            console.print(_line(finding, width))
    missing = sum(finding.state == "missing" for section in sections for finding in section.findings)
    last = f"{missing} missing" if missing else "nothing is missing"
    console.print(Text(f"\n{last[0].upper()}{last[1:]}.", style="bold red" if missing else "green"))


def _line(finding: Finding, width: int) -> Text:
    sign, style = _SIGNS[finding.state]
    text = Text.assemble((f"  {sign} ", style), f"{plain(finding.name).ljust(width)}  {plain(finding.says)}")
    if finding.fix:
        text.append(f"\n    {' ' * width}  {plain(finding.fix)}", style="dim")
    return text
