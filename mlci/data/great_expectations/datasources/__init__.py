"""Where the data of a request lies: a module for each kind of datasource."""

from __future__ import annotations

from mlci.data.great_expectations.datasources import connectors, fluent
from mlci.data.great_expectations.model import Located, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import by_name
from mlci.errors import CannotRun, did_you_mean

__all__ = ["is_spark", "locate"]


def locate(project: Project, request: Request) -> Located:
    """Return the file that a request is about.

    Raises:
        CannotRun: there is none, or it is asked for in a way that is not supported.
    """
    if request.datasource in _fluent_datasources(project):
        return fluent.locate(project, request)
    if request.datasource in project.part("datasources"):
        return connectors.locate(project, request)
    known = [*_fluent_datasources(project), *project.part("datasources")]
    raise CannotRun(
        f"there is no datasource `{request.datasource}` in {project.shown(project.file)}",
        where=request.where,
        fix=did_you_mean(request.datasource, known) or "",
    )


def is_spark(project: Project, name: str) -> bool:
    """Whether Great Expectations reads the datasource called `name` with Spark."""
    return "spark" in str(_fluent_datasources(project).get(name, project.part("datasources").get(name))).lower()


def _fluent_datasources(project: Project) -> dict[str, object]:
    return dict(by_name(project.document.value.get("fluent_datasources")))
