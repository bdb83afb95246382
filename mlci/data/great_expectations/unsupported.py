"""What a project file and its datasources say that is not done: each key is named with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mlci.data.great_expectations.model import Note, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import by_name, mapping
from mlci.errors import did_you_mean
from mlci.places import Key, dotted

_NAMED = ("class_name", "module_name", "name", "id")
_PROJECT = (
    *("config_version", "datasources", "fluent_datasources", "config_variables_file_path", "stores"),
    *("plugins_directory", "data_docs_sites", "validation_operators"),
    *("expectations_store_name", "validations_store_name", "validation_results_store_name", "checkpoint_store_name"),
    *("evaluation_parameter_store_name", "suite_parameter_store_name", "validation_definition_store_name"),
    *("profiler_store_name", "metrics_store_name", "anonymous_usage_statistics", "notebooks", "analytics_enabled"),
    *("include_rendered_content", "data_context_id", "progress_bars", "commented_map", "ge_cloud_mode", "concurrency"),
)
_NOT_DONE = {
    "data_docs_sites": "Data Docs are not built; mlci writes its own report",
    "validation_operators": "what they do with results is not done; mlci reports them itself",
}
_BLOCK = (*_NAMED, "execution_engine", "data_connectors", "data_asset_type", "batch_kwargs_generators", "generators")
_ENGINE = (*_NAMED, "caching", "spark_config", "force_reuse_spark_context", "persist")
_CONNECTOR = (
    *(*_NAMED, "base_directory", "glob_directive", "default_regex", "assets", "sorters", "batch_spec_passthrough"),
    *("execution_engine", "datasource_name", "batch_identifiers"),
)
_ASSET = (*_NAMED, "base_directory", "glob_directive", "pattern", "group_names", "batch_spec_passthrough")
_PASSED = ("reader_method", "reader_options")
_FLUENT_TYPES = ("pandas_filesystem", "spark_filesystem", "pandas", "spark")
_FLUENT = (
    *("type", "id", "name", "assets", "base_directory", "data_context_root_directory"),
    *("persist", "spark_config", "force_reuse_spark_context"),
)


def of_project(project: Project) -> Iterator[Note]:
    """Give a note for each key of the project file that is not known, and for each that asks for what is not done."""
    for key in project.document.value:
        if key not in _PROJECT and project.document.value[key] not in (None, "", [], {}, False):
            yield _unknown(project, project.name, (key,), _PROJECT)
    for key, why in _NOT_DONE.items():
        if named := project.part(key):
            yield _not_done(project, key, f"`{key}` is not carried out", f"{', '.join(named)}: {why}")
    written = project.document.value.get("plugins_directory")
    files = sorted((project.folder / written).glob("**/*.py")) if isinstance(written, str) and written else []
    if code := [project.shown(file) for file in files if file.name != "__init__.py"]:
        why = f"{', '.join(code)}: mlci does not run the project's own code; an expectation defined there is unknown"
        yield _not_done(project, "plugins_directory", "code in `plugins_directory` is not run", why)


def _not_done(project: Project, key: str, summary: str, reason: str) -> Note:
    return Note(
        name=f"{project.name}.{key}",
        status="skipped",
        summary=summary,
        reason=reason,
        where=project.document.where(key),
        sources=(project.file,),
    )


def of_datasource(project: Project, request: Request) -> Iterator[Note]:
    """Give a note for each key of the datasource of `request` that is not known: what it asks for cannot be done."""
    block = project.part("datasources").get(request.datasource)
    fluent = dict(by_name(project.document.value.get("fluent_datasources"))).get(request.datasource)
    parts = _fluent(request, fluent) if fluent is not None else _block(request, mapping(block))
    for key, found, known in parts:
        for word, value in found.items():
            if word not in known and value not in (None, "", [], {}, False):
                yield _unknown(project, request.name, (*key, word), known)


Part = tuple[Key, Mapping[str, Any], Collection[str]]
"""Where something stands, what it says, and which keys of it are known."""


def _fluent(request: Request, datasource: Mapping[str, Any]) -> Iterator[Part]:
    if datasource.get("type") in _FLUENT_TYPES:
        yield ("fluent_datasources", request.datasource), datasource, _FLUENT


def _block(request: Request, datasource: Mapping[str, Any]) -> Iterator[Part]:
    at: Key = ("datasources", request.datasource)
    yield at, datasource, _BLOCK
    yield (*at, "execution_engine"), mapping(datasource.get("execution_engine")), _ENGINE
    connectors = mapping(datasource.get("data_connectors"))
    name = request.connector or next(iter(connectors), "")
    connector = mapping(connectors.get(name))
    if not connector or "Filesystem" not in str(connector.get("class_name")):
        return
    at = (*at, "data_connectors", name)
    yield at, connector, _CONNECTOR
    yield (*at, "batch_spec_passthrough"), mapping(connector.get("batch_spec_passthrough")), _PASSED
    yield (*at, "default_regex"), mapping(connector.get("default_regex")), ("pattern", "group_names")
    asset = mapping(mapping(connector.get("assets")).get(request.asset))
    yield (*at, "assets", request.asset), asset, _ASSET
    passed = mapping(asset.get("batch_spec_passthrough"))
    yield (*at, "assets", request.asset, "batch_spec_passthrough"), passed, _PASSED


def _unknown(project: Project, name: str, key: Key, known: Collection[str]) -> Note:
    at = dotted(key)
    return Note(
        name=f"{name}.{at}",
        status="errored",
        summary=f"`{at}` is not supported",
        reason=f"`{at}` is not supported; {did_you_mean(str(key[-1]), known)}".rstrip("; "),
        where=project.document.where(*key),
        sources=(project.file,),
    )
