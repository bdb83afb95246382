"""Filling the templates: pure text, so that what `mlci init` writes and what the documentation shows are the same."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from mlci import __version__
from mlci.workflows.release import ACTION, COMMIT, TAG

_PLACE = re.compile(r"<<([a-z/-]+)>>")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of the project that a workflow is for; without any, what the documentation shows."""

    branch: str = "main"
    """The default branch."""
    folder: str = ""
    """The folder of `mlci.yaml`, relative to the root of the repository; empty for the root itself."""
    projects: tuple[str, ...] = ("apps/ranking", "apps/search")
    """The folders of all `mlci.yaml`."""
    install: str = "python -m pip install --requirement requirements.txt"
    """The command that installs the project's own packages, in the folder of `mlci.yaml`."""
    python: str = "python-version: '3.12'"
    """The input of actions/setup-python that says which Python."""
    pythons: tuple[str, ...] = ("3.12", "3.13")
    """The versions of Python that a matrix has."""
    action: str = f"{ACTION}@{COMMIT}"
    """The action, as `owner/name@ref`."""
    tag: str = TAG
    """The release that the action's ref is of, for a comment; empty where it is not known."""


def filled(template: str, facts: Facts) -> str:
    """Return the text of a template, filled. A line that is left empty by a place alone is left out."""
    text = (resources.files("mlci") / "workflows" / "templates" / template).read_text(encoding="utf-8")
    places = _places(facts)
    lines = []
    for line in text.splitlines():
        made = _PLACE.sub(lambda found: places[found[1]], line)
        if made.strip(" -") or not _PLACE.search(line):
            lines.append(made.rstrip())
    return "\n".join(lines) + "\n"


def _places(facts: Facts) -> dict[str, str]:
    owner, _, ref = facts.action.partition("@")
    comment = f" # {facts.tag}" if facts.tag else ""
    folder = facts.folder
    return {
        "branch": _text(facts.branch),
        "working-directory": f"working-directory: {_text(folder)}" if folder else "",
        "in-folder": f"working-directory: {_text(folder)}" if folder else "",
        "enter": json.dumps(f"cd {shlex.quote(folder)}") if folder else "",
        "folder": f"{folder}/" if folder else "",
        "projects": _list(facts.projects),
        "install": facts.install,
        "python": facts.python,
        "pythons": _list(facts.pythons),
        "action": f"{owner}@{ref}{comment}",
        "action/publish": f"{owner}/publish@{ref}{comment}",
        "action/setup": f"{owner}/setup@{ref}{comment}",
        "version": __version__,
    }


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"


def _text(value: str) -> str:
    """Return `value` as YAML: as it is where it is plain, else quoted."""
    numeric = value.replace(".", "", 1).isdigit()
    if numeric:
        return f"'{value}'"
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else json.dumps(value)


_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
