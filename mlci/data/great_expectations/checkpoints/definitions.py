"""Checkpoints of 1.x: `validation_definitions: [{name}]`, each a file of its own with data and suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlci.data.great_expectations.checkpoints.actions import notes_on
from mlci.data.great_expectations.checkpoints.reading import Checkpoint, result_format
from mlci.data.great_expectations.model import Note, Request
from mlci.data.great_expectations.project import Project
from mlci.data.great_expectations.shapes import entries, mapping
from mlci.documents import Document
from mlci.errors import CannotRun, MlciError, did_you_mean
from mlci.places import Key, dotted

_KEYS = ("name", "id", "actions", "result_format", "validation_definitions")
_DEFINITION = ("name", "id", "data", "suite")
_DATA = ("datasource", "asset", "batch_definition")


def read(project: Project, checkpoint: Checkpoint) -> Iterator[Request | Note]:
    """Give what the checkpoint asks for, and what has to be said of it."""
    value = checkpoint.document.value
    yield from checkpoint.unknown((), value, _KEYS)
    for index, entry in enumerate(entries(value["validation_definitions"])):
        name = str(mapping(entry).get("name") or mapping(entry).get("id") or entry)
        try:
            yield _definition(project, checkpoint, index, name)
        except MlciError as error:
            where = error.where or checkpoint.document.where("validation_definitions", index)
            summary = f"checkpoint `{checkpoint.name}`: the validation definition `{name}`"
            yield checkpoint.note(f"validation_definitions.{name}", "errored", summary, error.says, where)
    yield from notes_on(checkpoint, [(("actions",), value.get("actions"))])
    if value.get("result_format"):
        yield result_format(checkpoint, ("result_format",))


def _definition(project: Project, checkpoint: Checkpoint, index: int, name: str) -> Request:
    folder = project.store("validation_definition_store", "validation_definitions")
    file = folder / f"{name}.json"
    if not file.is_file():
        raise CannotRun(
            f"there is no validation definition `{name}` in {project.shown(folder)}",
            where=checkpoint.document.where("validation_definitions", index),
            fix=did_you_mean(name, sorted(each.stem for each in folder.glob("*.json"))) or "",
        )
    document = project.read(file)
    data = mapping(document.value.get("data"))
    _refuse_unknown(document, (), document.value, _DEFINITION)
    _refuse_unknown(document, ("data",), data, _DATA)
    names = {part: _name(data, part) for part in _DATA}
    suite = _name(document.value, "suite")
    for part, written in {**names, "suite": suite}.items():
        if not written:
            raise CannotRun(f"names no {part.replace('_', ' ')}", where=document.where())
    return Request(
        checkpoint=checkpoint.name,
        datasource=names["datasource"],
        asset=names["asset"],
        suites=(suite,),
        where=document.where("data"),
        suite_where=document.where("suite"),
        sources=(*checkpoint.sources, file),
        batch_definition=names["batch_definition"],
    )


def _refuse_unknown(document: Document, key: Key, found: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise where a mapping says something that is not known."""
    for name, value in found.items():
        if name not in known and value not in (None, "", [], {}, False):
            at = dotted((*key, name))
            advice = did_you_mean(name, known) or ""
            raise CannotRun(f"`{at}` is not supported", where=document.where(*key, name), fix=advice)


def _name(parent: Mapping[str, Any], part: str) -> str:
    return str(mapping(parent.get(part)).get("name") or "")
