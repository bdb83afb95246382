"""Checkpoints of 0.13 to 0.18: `validations: [{batch_request, expectation_suite_name}]`, or one of them at the top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from mlci.data.great_expectations.checkpoints.actions import notes_on
from mlci.data.great_expectations.checkpoints.reading import Checkpoint, result_format
from mlci.data.great_expectations.model import Note, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import entries, mapping, text
from mlci.places import Key

_CLASSES = ("Checkpoint", "SimpleCheckpoint", None)
_SHARED = ("batch_request", "expectation_suite_name", "action_list", "evaluation_parameters", "runtime_configuration")
_TELLS = ("site_names", "slack_webhook", "notify_on", "notify_with")
_KEYS = (
    *_SHARED,
    *("name", "config_version", "class_name", "module_name", "validations", "run_name_template", "id"),
    *("ge_cloud_id", "default_validation_id", "validation_definitions", *_TELLS),
)
_REQUEST = (
    *("datasource_name", "data_connector_name", "data_asset_name", "data_connector_query", "options", "batch_slice"),
    *("batch_spec_passthrough", "runtime_parameters", "batch_identifiers", "id"),
)
_QUERY = ("index", "batch_filter_parameters")
_PASSED = ("reader_method", "reader_options")
_WHEN_RUN = ("result_format",)


def read(_project: Project, checkpoint: Checkpoint) -> Iterator[Request | Note]:
    """Give what the checkpoint asks for, and what has to be said of it."""
    value = checkpoint.document.value
    yield from checkpoint.unknown((), value, _KEYS)
    if value.get("class_name") not in _CLASSES:
        yield checkpoint.malformed(("class_name",), f"a {value['class_name']} is code that mlci does not run")
        return
    listed = list(enumerate(entries(value.get("validations"))))
    for index, validation in listed:
        yield from _validation(checkpoint, ("validations", index), mapping(validation))
    if not listed and (value.get("batch_request") or value.get("expectation_suite_name")):
        yield from _validation(checkpoint, (), {})
    inner = [(("validations", index, "action_list"), mapping(each).get("action_list")) for index, each in listed]
    yield from notes_on(checkpoint, [(("action_list",), value.get("action_list")), *inner])
    yield from _sends(checkpoint)
    yield from _when_run(checkpoint, ("runtime_configuration",), value)
    for index, each in listed:
        yield from _when_run(checkpoint, ("validations", index, "runtime_configuration"), each)


def _when_run(checkpoint: Checkpoint, key: Key, within: Any) -> Iterator[Note]:
    """Give a note where the checkpoint says how results are told, and of each other thing that it says of a run."""
    found = mapping(mapping(within).get("runtime_configuration"))
    yield from checkpoint.unknown(key, found, _WHEN_RUN)
    if found.get("result_format"):
        yield result_format(checkpoint, (*key, "result_format"))


def _sends(checkpoint: Checkpoint) -> Iterator[Note]:
    """Give a note where a simple checkpoint says whom to tell."""
    said = [name for name in _TELLS if checkpoint.document.value.get(name)]
    if said:
        yield checkpoint.note(
            "notifications",
            "skipped",
            f"checkpoint `{checkpoint.name}`: nobody is notified",
            f"{', '.join(said)}: whom to send results to; mlci reports them itself",
            checkpoint.document.where(said[0]),
        )


def _validation(checkpoint: Checkpoint, key: Key, validation: Mapping[str, Any]) -> Iterator[Request | Note]:
    top = checkpoint.document.value
    both = {name: validation.get(name) or top.get(name) for name in _SHARED}
    batch = {**mapping(top.get("batch_request")), **mapping(validation.get("batch_request"))}
    at = (*(key if validation.get("batch_request") else ()), "batch_request")
    said = [
        *checkpoint.unknown(key, validation, (*_SHARED, "id", "name")),
        *checkpoint.unknown(at, batch, _REQUEST),
        *checkpoint.unknown((*at, "data_connector_query"), mapping(batch.get("data_connector_query")), _QUERY),
        *checkpoint.unknown((*at, "runtime_parameters"), mapping(batch.get("runtime_parameters")), ("path",)),
        *checkpoint.unknown((*at, "batch_spec_passthrough"), mapping(batch.get("batch_spec_passthrough")), _PASSED),
    ]
    yield from said
    suite_key = (*(key if validation.get("expectation_suite_name") else ()), "expectation_suite_name")
    if not both["expectation_suite_name"]:
        yield checkpoint.malformed(key or suite_key, "names no suite")
    elif not batch.get("datasource_name"):
        yield checkpoint.malformed(key or ("batch_request",), "names no data")
    elif not said:
        yield _request(checkpoint, batch, at, suite=str(both["expectation_suite_name"]), suite_key=suite_key, both=both)


def _request(
    checkpoint: Checkpoint, batch: Mapping[str, Any], at: Key, *, suite: str, suite_key: Key, both: Mapping[str, Any]
) -> Request:
    query = mapping(batch.get("data_connector_query"))
    passed = mapping(batch.get("batch_spec_passthrough"))
    path = mapping(batch.get("runtime_parameters")).get("path")
    index = query.get("index", batch.get("batch_slice"))
    top = checkpoint.document.value
    name = batch.get("data_asset_name") or PurePosixPath(str(path)).name
    return Request(
        checkpoint=checkpoint.name,
        datasource=str(batch["datasource_name"]),
        asset=str(name),
        suites=(suite,),
        where=checkpoint.document.where(*at),
        suite_where=checkpoint.document.where(*suite_key),
        sources=checkpoint.sources,
        connector=text(batch.get("data_connector_name")),
        path=None if path is None else str(path),
        options={**mapping(batch.get("options")), **mapping(query.get("batch_filter_parameters"))},
        index=index,
        reader=text(passed.get("reader_method")),
        reader_options=mapping(passed.get("reader_options")),
        parameters={**mapping(top.get("evaluation_parameters")), **mapping(both["evaluation_parameters"])},
    )
