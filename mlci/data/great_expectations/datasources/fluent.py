"""The fluent datasources of 0.16 to 1.x: folders of files, and files named outright."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlci.data.great_expectations.datasources.files import Batch, batches, choose, file_of, folder_of
from mlci.data.great_expectations.model import Located, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import by_name, entries, mapping
from mlci.errors import CannotRun, Where, did_you_mean

_FOLDERS = ("pandas_filesystem", "spark_filesystem")
_FILES = ("pandas", "spark")
_PATHS = ("filepath_or_buffer", "path", "path_or_buf", "io")
_ABOUT = ("type", "id", "name", "batch_definitions", "batch_metadata", "batching_regex", "connect_options", "order_by")
_GLOB = "**/*"


def locate(project: Project, request: Request) -> Located:
    """Return the file that a request is about.

    Raises:
        CannotRun: there is none, or it is asked for in a way that is not supported.
    """
    datasource = dict(by_name(project.document.value["fluent_datasources"]))[request.datasource]
    kind = datasource.get("type")
    where = project.document.where("fluent_datasources", request.datasource)
    asset = _named(dict(by_name(datasource.get("assets"))), request.asset, "asset", request)
    if kind in _FOLDERS:
        return _in_folder(project, request, datasource, asset)
    if kind in _FILES:
        return _outright(project, request, asset)
    raise CannotRun(f"the datasource `{request.datasource}` is a `{kind}`: only files are read", where=where)


def _outright(project: Project, request: Request, asset: Mapping[str, Any]) -> Located:
    where = _asset_where(project, request)
    written = next((asset[name] for name in _PATHS if isinstance(asset.get(name), str)), None)
    if written is None:
        raise CannotRun(f"the asset `{request.asset}` is handed over when Great Expectations is run", where=where)
    definition = _definition(asset, request)
    if definition.get("partitioner"):
        raise CannotRun("batches by the values of a column are not supported", where=where)
    return _located(request, asset, file_of(project, request.datasource, written, where), ())


def _in_folder(project: Project, request: Request, datasource: Mapping[str, Any], asset: Mapping[str, Any]) -> Located:
    where = project.document.where("fluent_datasources", request.datasource, "base_directory")
    folder = folder_of(project, request.datasource, datasource.get("base_directory"), where, run_there=True)
    connect = mapping(asset.get("connect_options"))
    pattern, order = _pattern(asset, _definition(asset, request), _asset_where(project, request))
    glob = connect.get("glob_directive") or asset.get("glob_directive") or _GLOB
    names = [f"batch_request_param_{number}" for number in range(1, 20)]
    found = batches(folder, str(glob), pattern, names, _asset_where(project, request))
    chosen = choose(found, request, looked_in=f"{project.shown(folder)} by `{pattern}`", order=order)
    return _located(request, asset, chosen.path, found)


def _located(request: Request, asset: Mapping[str, Any], path: Path, found: tuple[Batch, ...] | list[Batch]) -> Located:
    options = {name: value for name, value in asset.items() if name not in (*_ABOUT, *_PATHS, "glob_directive")}
    return Located(
        path=path,
        reader=str(asset.get("type")),
        reader_options={**options, **request.reader_options},
        others=tuple(batch.path for batch in found if batch.path != path),
    )


def _definition(asset: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    if request.batch_definition is None:
        return {}
    return _named(dict(by_name(asset.get("batch_definitions"))), request.batch_definition, "batch definition", request)


def _pattern(
    asset: Mapping[str, Any], definition: Mapping[str, Any], where: Where
) -> tuple[str, list[tuple[str, bool]]]:
    """Return the regular expression of an asset's files, and the order of its batches."""
    partitioner = mapping(definition.get("partitioner"))
    if partitioner and "regex" not in partitioner:
        raise CannotRun("batches by the values of a column are not supported", where=where)
    descending = partitioner.get("sort_ascending") is False
    order = [(str(name), descending) for name in entries(partitioner.get("param_names"))]
    for each in entries(asset.get("order_by")):
        if isinstance(each, Mapping):
            order.append((str(each.get("key")), bool(each.get("reverse"))))
        else:
            order.append((str(each).lstrip("+-"), str(each).startswith("-")))
    return str(partitioner.get("regex") or asset.get("batching_regex") or ".*"), order


def _named(known: Mapping[str, Mapping[str, Any]], name: str, what: str, request: Request) -> Mapping[str, Any]:
    if name not in known:
        raise CannotRun(
            f"the datasource `{request.datasource}` has no {what} `{name}`",
            where=request.where,
            fix=did_you_mean(name, known) or "",
        )
    return known[name]


def _asset_where(project: Project, request: Request) -> Where:
    return project.document.where("fluent_datasources", request.datasource, "assets", request.asset)
