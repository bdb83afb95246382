"""Checkpoints of 0.11: `batches: [{batch_kwargs, expectation_suite_names}]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from mlci.data.great_expectations.checkpoints.reading import Checkpoint
from mlci.data.great_expectations.model import Note, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import entries, mapping, text
from mlci.places import Key

_KEYS = (
    *("name", "config_version", "class_name", "module_name", "batches", "validation_operator_name", "ge_cloud_id"),
    *("run_name_template",),
)
_KWARGS = (
    *("path", "datasource", "data_asset_name", "reader_method", "reader_options", "batch_kwargs_generator"),
    *("generator", "partition_id"),
)


def read(_project: Project, checkpoint: Checkpoint) -> Iterator[Request | Note]:
    """Give what the checkpoint asks for, and what has to be said of it."""
    value = checkpoint.document.value
    yield from checkpoint.unknown((), value, _KEYS)
    for index, batch in enumerate(entries(value["batches"])):
        yield from _batch(checkpoint, ("batches", index), mapping(batch))
    operator = value.get("validation_operator_name")
    if operator:
        yield checkpoint.note(
            "actions",
            "skipped",
            f"checkpoint `{checkpoint.name}`: its actions are not carried out",
            f"the validation operator `{operator}` only stores or sends results; mlci reports them itself",
            checkpoint.document.where("validation_operator_name"),
        )


def _batch(checkpoint: Checkpoint, key: Key, batch: Mapping[str, Any]) -> Iterator[Request | Note]:
    kwargs = mapping(batch.get("batch_kwargs"))
    at = (*key, "batch_kwargs")
    yield from checkpoint.unknown(key, batch, ("batch_kwargs", "expectation_suite_names"))
    unknown = list(checkpoint.unknown(at, kwargs, _KWARGS))
    yield from unknown
    if not isinstance(kwargs.get("path"), str):
        yield checkpoint.malformed(at, "names no file by `path`: only files are read")
    elif not entries(batch.get("expectation_suite_names")):
        yield checkpoint.malformed((*key, "expectation_suite_names"), "names no suite")
    elif not unknown:
        yield Request(
            checkpoint=checkpoint.name,
            datasource=str(kwargs.get("datasource")),
            asset=str(kwargs.get("data_asset_name") or PurePosixPath(kwargs["path"].replace("\\", "/")).name),
            suites=tuple(map(str, batch["expectation_suite_names"])),
            where=checkpoint.document.where(*at),
            suite_where=checkpoint.document.where(*key, "expectation_suite_names"),
            sources=checkpoint.sources,
            path=kwargs["path"],
            reader=text(kwargs.get("reader_method")),
            reader_options=mapping(kwargs.get("reader_options")),
        )
