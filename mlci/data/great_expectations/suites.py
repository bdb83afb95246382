"""The suites of a project: files in its folder of expectations, in sub-folders by dotted names."""

from __future__ import annotations

from pathlib import Path

from mlci.data.great_expectations.project import Project
from mlci.errors import CannotRun, Where, did_you_mean

_ENDINGS = (".json", ".yml", ".yaml")


def find_suite(project: Project, name: str, where: Where) -> Path:
    """Return the file of the suite called `name`, which is named at `where`.

    Raises:
        CannotRun: there is none; the nearest name is told.
    """
    folder = project.store("expectations_store", "expectations")
    for written in (name.replace(".", "/"), name):
        for ending in _ENDINGS:
            file = folder / f"{written}{ending}"
            if file.is_file():
                return file
    raise CannotRun(
        f"there is no suite `{name}` in {project.shown(folder)}",
        where=where,
        fix=did_you_mean(name, _names(folder)) or "",
    )


def _names(folder: Path) -> list[str]:
    files = (file for file in folder.rglob("*") if file.suffix in _ENDINGS)
    return sorted(".".join(file.relative_to(folder).with_suffix("").parts) for file in files)
