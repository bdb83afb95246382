"""The datasources of 0.11 to 0.18: data connectors to folders of files, and files named in the checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci.data.great_expectations.datasources.files import batches, choose, file_of, folder_of
from mlci.data.great_expectations.model import Located, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import entries, mapping, text
from mlci.errors import CannotRun, Where, did_you_mean

_ENGINES = ("PandasExecutionEngine", "SparkDFExecutionEngine", None)
_FILES = ("PandasDatasource", "SparkDFDatasource", "Datasource", None)
_NO_ASSET = "DEFAULT_ASSET_NAME"
_INFERRED = "InferredAssetFilesystemDataConnector"
_CONFIGURED = "ConfiguredAssetFilesystemDataConnector"


def locate(project: Project, request: Request) -> Located:
    """Return the file that a request is about.

    Raises:
        CannotRun: there is none, or it is asked for in a way that is not supported.
    """
    datasource = mapping(project.part("datasources")[request.datasource])
    where = project.document.where("datasources", request.datasource)
    engine = mapping(datasource.get("execution_engine"))
    for kind, known in ((datasource.get("class_name"), _FILES), (engine.get("class_name"), _ENGINES)):
        if kind not in known:
            raise CannotRun(f"the datasource `{request.datasource}` is a {kind}: only files are read", where=where)
    if request.path is not None:
        path = file_of(project, request.datasource, request.path, request.where)
        return Located(path=path, reader=request.reader, reader_options=request.reader_options)
    return _connected(project, request, mapping(datasource.get("data_connectors")))


def _connected(project: Project, request: Request, connectors: Mapping[str, Any]) -> Located:
    name = request.connector or next(iter(connectors), "")
    if name not in connectors:
        raise CannotRun(
            f"the datasource `{request.datasource}` has no data connector `{name}`",
            where=request.where,
            fix=did_you_mean(name, connectors) or "",
        )
    connector = mapping(connectors[name])
    where = project.document.where("datasources", request.datasource, "data_connectors", name)
    kind = str(connector.get("class_name"))
    if kind == "RuntimeDataConnector":
        raise CannotRun(f"the asset `{request.asset}` is handed over when Great Expectations is run", where=where)
    if kind not in {_INFERRED, _CONFIGURED}:
        raise CannotRun(f"the data connector `{name}` is a {kind}: only folders of files are read", where=where)
    asset = _asset(connector, request, where) if kind == _CONFIGURED else {}
    return _in_folder(project, request, connector, asset, where)


def _asset(connector: Mapping[str, Any], request: Request, where: Where) -> Mapping[str, Any]:
    assets = mapping(connector.get("assets"))
    if request.asset not in assets:
        raise CannotRun(
            f"the datasource `{request.datasource}` has no asset `{request.asset}`",
            where=request.where or where,
            fix=did_you_mean(request.asset, assets) or "",
        )
    return mapping(assets[request.asset])


def _in_folder(
    project: Project, request: Request, connector: Mapping[str, Any], asset: Mapping[str, Any], where: Where
) -> Located:
    inferred = connector["class_name"] == _INFERRED
    folder = folder_of(project, request.datasource, connector.get("base_directory"), where, run_there=False)
    folder /= project.filled(str(asset.get("base_directory") or "."), where)
    regex = {
        **mapping(connector.get("default_regex")),
        **{k: asset[k] for k in ("pattern", "group_names") if k in asset},
    }
    written = regex.get("group_names") or []
    names = [str(name) for name in (written if isinstance(written, list) else [written])]
    glob = asset.get("glob_directive") or connector.get("glob_directive") or ("*" if inferred else "**/*")
    pattern = str(regex.get("pattern") or "(.*)")
    found = batches(folder, str(glob), pattern, names, where)
    looked_in = f"{project.shown(folder)} by `{pattern}`"
    if inferred:
        assets = {batch.identifiers.get("data_asset_name", _NO_ASSET) for batch in found}
        found = [batch for batch in found if batch.identifiers.get("data_asset_name", _NO_ASSET) == request.asset]
        _must_be_there(request, assets, looked_in)
    order = _order(connector, where) if len(found) > 1 else []
    chosen = choose(found, request, looked_in=looked_in, order=order)
    method, options = _passed_on(connector, asset, request)
    others = tuple(batch.path for batch in found if batch.path != chosen.path)
    return Located(path=chosen.path, reader=method, reader_options=options, others=others)


def _must_be_there(request: Request, assets: set[str], looked_in: str) -> None:
    if request.asset not in assets:
        raise CannotRun(
            f"no file of the asset `{request.asset}` is in {looked_in}",
            where=request.where,
            fix=did_you_mean(request.asset, assets) or "",
        )


def _order(connector: Mapping[str, Any], where: Where) -> list[tuple[str, bool]]:
    order = []
    for sorter in map(mapping, entries(connector.get("sorters"))):
        kind = sorter.get("class_name")
        if kind != "LexicographicSorter":
            raise CannotRun(f"the order of a {kind} is not supported", where=where)
        order.append((str(sorter.get("name")), sorter.get("orderby") == "desc"))
    return order


def _passed_on(
    connector: Mapping[str, Any], asset: Mapping[str, Any], request: Request
) -> tuple[str | None, dict[str, Any]]:
    """Return the reader and its options; the request's come before the asset's, those before the connector's."""
    method: str | None = None
    options: dict[str, Any] = {}
    for part in (connector, asset):
        passed = mapping(part.get("batch_spec_passthrough"))
        method = text(passed.get("reader_method")) or method
        options |= mapping(passed.get("reader_options"))
    return request.reader or method, options | dict(request.reader_options)
