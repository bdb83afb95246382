"""Several projects in one repository: which configurations a run is about.

A configuration that lists `projects:` stands for all of them, and for itself where it names a gate. Where none lies in
the working folder or above it, the changed files say which projects are meant: each belongs to the nearest one above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.config.finding import NAMES, found, of_projects
from mlci.config.load import Loaded, find, load
from mlci.errors import ConfigError, UsageError
from mlci.results.model import GATES

if TYPE_CHECKING:
    from mlci.git import Repository


REPORTS = "projects"
"""The folder, in the report folder of a workspace, of the reports of its projects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """One of several projects."""

    loaded: Loaded
    """Its configuration; messages call its files by their place in the project."""
    folder: str
    """Where it lies, relative to the workspace, with slashes; `.` for the workspace itself."""

    @property
    def reports(self) -> str:
        """Where its own reports lie in those of the workspace, with slashes; empty for the workspace itself."""
        return "" if self.folder == "." else f"{REPORTS}/{self.folder}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """Projects that one run is about, and the folder that they lie in."""

    root: Path
    projects: tuple[Project, ...]
    false_alarm_rate: float | None = None
    """What the configuration of the workspace allows for all projects together."""
    note: str = ""
    """Why there is no project."""


def of(loaded: Loaded) -> Workspace:
    """Return the workspace that a configuration with `projects` stands for.

    Raises:
        ConfigError: a project has no configuration, a wrong one, or projects of its own; all mistakes are listed.
    """
    config, root = loaded.config, loaded.root
    own = [_project(loaded, root)] if any(config.names(gate) for gate in GATES) else []
    places = dict.fromkeys(_named(loaded))
    return Workspace(root=root, projects=(*own, *_loaded(places, root)), false_alarm_rate=config.false_alarm_rate)


def _named(loaded: Loaded) -> list[Path]:
    places = list(of_projects(loaded.root, loaded.config.projects))
    missing = [
        UsageError(
            f"{loaded.config.projects[at]} has no mlci.yaml",
            where=loaded.where("projects", at),
            key=f"projects[{at}]",
            fix="Write one there, or leave it out.",
        )
        for at, file in places
        if file is None
    ]
    if missing:
        raise ConfigError(missing)
    return [file for _, file in places if file is not None]


def around(
    start: Path, repository: Repository | None, changed: Callable[[Repository], Sequence[Path] | None]
) -> Workspace:
    """Return the projects that changed files belong to, for a `start` that has no `mlci.yaml` in it or above.

    `changed` gives the files, absolute, or None where that cannot be told: then every project of the repository counts.

    Raises:
        UsageError: the repository has no `mlci.yaml` at all; a `ConfigError` lists what is wrong in those it has.
    """
    every = everywhere(start, repository) if repository else ()
    if repository is None or not every:
        find(start)  # which says that there is none
        raise AssertionError("a configuration was found after all")
    files = changed(repository)
    near = every if files is None else sorted({file for each in files if (file := found(each.parent)) is not None})
    within = [file for file in near if file.is_relative_to(start)]
    note = "" if within else f"no changed file belongs to one of the {len(every)} projects in {start.name or start}"
    return Workspace(root=start, projects=tuple(_loaded(within, start)), note=note)


def everywhere(start: Path, repository: Repository) -> tuple[Path, ...]:
    """Return every `mlci.yaml` of a repository that lies in `start` or below, of those that git does not ignore."""
    patterns = [f":(glob)**/{name}" for name in NAMES]
    done = repository.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    names = [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
    files = sorted({repository.top / name for name in names})
    return tuple(file for file in files if file.is_file() and file.is_relative_to(start))


def _loaded(files: Iterable[Path], root: Path) -> Iterator[Project]:
    """Read each configuration; every mistake of all of them comes in one error."""
    wrong: list[UsageError] = []
    for file in files:
        try:
            loaded = load(file, start=root)
            if loaded.config.projects:
                wrong.append(
                    UsageError("a project has no projects of its own", where=loaded.where("projects"), key="projects")
                )
            else:
                yield _project(loaded, root)
        except ConfigError as error:
            wrong += error.problems
        except UsageError as error:
            wrong.append(error)
    if wrong:
        raise ConfigError(wrong)


def _project(loaded: Loaded, root: Path) -> Project:
    folder = loaded.root.relative_to(root).as_posix()
    named = loaded.config.project or (root.name if folder == "." else folder)
    config = replace(loaded.config, project=named, projects=())
    return Project(loaded=replace(loaded, name=loaded.path.name, config=config), folder=folder)
