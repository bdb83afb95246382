"""From projects to what the data gate validates: every request of every checkpoint with its file and its suites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mlci.config.data import DataAsset, GreatExpectations
from mlci.data.great_expectations.checkpoints import read_checkpoints
from mlci.data.great_expectations.datasources import is_spark, locate
from mlci.data.great_expectations.datasources.reading import reading_of
from mlci.data.great_expectations.model import Located, Note, Plan, Request, Validation
from mlci.data.great_expectations.project import Project, open_project
from mlci.data.great_expectations.shapes import by_name
from mlci.data.great_expectations.suites import find_suite
from mlci.data.great_expectations.unsupported import of_datasource, of_project
from mlci.errors import MlciError, Where, did_you_mean

_SHOWN = 3


def plan(
    root: Path,
    projects: tuple[str | GreatExpectations, ...],
    *,
    environ: Mapping[str, str],
    where: Callable[..., Where],
) -> Plan:
    """Return what the projects ask for; whatever of them is not supported or missing is a note.

    Args:
        root: the folder of `mlci.yaml`.
        projects: the entries of its `great-expectations:`.
        environ: the environment, for `${NAME}` in paths.
        where: gives the place of a key of `mlci.yaml`.
    """
    found: list[Validation | Note] = []
    for index, entry in enumerate(projects):
        settings = GreatExpectations(project=entry) if isinstance(entry, str) else entry
        place = where("great-expectations", index)
        try:
            project = open_project(root, settings, environ, place)
            found += _project(project, place)
        except MlciError as error:
            found.append(_unopened(settings, error, root, place))
    named = list(_with_own_names(found))
    return Plan(
        validations=tuple(each for each in named if isinstance(each, Validation)),
        notes=tuple(each for each in named if isinstance(each, Note)),
    )


def _unopened(settings: GreatExpectations, error: MlciError, root: Path, place: Where) -> Note:
    summary = f"the project in `{settings.project}` could not be read"
    return Note(
        name=f"{settings.project.strip('./') or 'great_expectations'}.project",
        status="errored",
        summary=summary,
        reason=error.says,
        where=error.where or place,
        sources=(root / settings.project,),
    )


def _project(project: Project, place: Where) -> Iterator[Validation | Note]:
    yield from of_project(project)
    known = [name for name, _ in by_name(project.document.value.get("fluent_datasources"))]
    known += list(project.part("datasources"))
    for name in project.settings.folders:
        if name not in known:
            reason = f"`folders` names `{name}`, which is no datasource of the project; {did_you_mean(name, known)}"
            yield Note(
                name=f"{project.name}.folders.{name}",
                status="errored",
                summary=f"there is no datasource `{name}`",
                reason=reason.rstrip("; "),
                where=place,
                sources=(project.file,),
            )
    planned: list[Validation] = []
    for each in read_checkpoints(project):
        if isinstance(each, Note):
            yield each
        else:
            yield from _request(project, each, planned)
    yield from planned


def _request(project: Project, request: Request, planned: list[Validation]) -> Iterator[Note]:
    """Put the validation of a request into `planned`, beside what is planned of the same data already."""
    suites = []
    for name in request.suites:
        try:
            suites.append(find_suite(project, name, request.suite_where))
        except MlciError as error:
            yield request.errored(f"suite.{name}", f"`{request.name}`: the suite `{name}`", error, request.suite_where)
    unsupported = list(of_datasource(project, request))
    yield from unsupported
    try:
        located = locate(project, request)
        asset = _asset(project, request, located, suites)
    except MlciError as error:
        yield request.errored("data", f"`{request.name}`: its data could not be found", error, request.where)
        return
    if not suites or unsupported:
        return
    if located.others:
        yield _left_out(project, request, located)
    parameters = {**request.parameters, **project.settings.parameters}
    sources = (*request.sources, *suites, located.path)
    new = Validation(name=request.name, asset=asset, where=request.where, parameters=parameters, sources=sources)
    _add(planned, new)


def _add(planned: list[Validation], new: Validation) -> None:
    for index, old in enumerate(planned):
        alike = replace(old.asset, suite=()) == replace(new.asset, suite=())
        if (old.name, dict(old.parameters)) == (new.name, dict(new.parameters)) and alike:
            suites = tuple(dict.fromkeys((*old.asset.suite, *new.asset.suite)))
            asset = replace(old.asset, suite=suites)
            planned[index] = replace(old, asset=asset, sources=(*old.sources, *new.sources))
            return
    planned.append(new)


def _asset(project: Project, request: Request, located: Located, suites: list[Path]) -> DataAsset:
    from mlci.data.sources.formats import format_by_name

    spark = is_spark(project, request.datasource)
    keys = reading_of(located.reader, located.reader_options, spark=spark, where=request.where)
    if keys["format"] is not None and format_by_name(located.path.name) == keys["format"]:
        del keys["format"]
    return DataAsset(
        path=project.shown(located.path),
        suite=tuple(project.shown(suite) for suite in suites),
        allow_empty=project.settings.allow_empty,
        **keys,
    )


def _left_out(project: Project, request: Request, located: Located) -> Note:
    shown = ", ".join(project.shown(path) for path in located.others[:_SHOWN])
    more = f" and {len(located.others) - _SHOWN} more" if len(located.others) > _SHOWN else ""
    return Note(
        name=f"{request.name}.batches",
        status="skipped",
        summary=f"`{request.name}`: one of {len(located.others) + 1} files is validated",
        reason=f"the checkpoint asks for one batch, {project.shown(located.path)}; not looked at: {shown}{more}",
        where=request.where,
        sources=(*request.sources, located.path),
    )


def _with_own_names(found: list[Validation | Note]) -> Iterator[Validation | Note]:
    """Number what has the same name as something before it."""
    seen: dict[tuple[bool, str], int] = {}
    for each in found:
        key = (isinstance(each, Note), each.name)
        seen[key] = seen.get(key, 0) + 1
        yield each if seen[key] == 1 else replace(each, name=f"{each.name}~{seen[key]}")
