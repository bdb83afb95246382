"""The checkpoints of a project: a module for each shape that Great Expectations has written them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mlci.data.great_expectations.checkpoints import batches, definitions, validations
from mlci.data.great_expectations.checkpoints.reading import Checkpoint
from mlci.data.great_expectations.model import Note, Request
from mlci.data.great_expectations.project import Project
from mlci.errors import MlciError, Where

_ENDINGS = (".yml", ".yaml", ".json")
Read = Callable[[Project, Checkpoint], Iterator[Request | Note]]
_SHAPES: Mapping[str, Read] = {"batches": batches.read, "validation_definitions": definitions.read}
"""Who reads a checkpoint by the key that only its shape has."""


def read_checkpoints(project: Project) -> Iterator[Request | Note]:
    """Give what every checkpoint of the project asks for, and what has to be said of it."""
    folder = project.store("checkpoint_store", "checkpoints")
    files = sorted(file for file in folder.rglob("*") if file.suffix in _ENDINGS and file.is_file())
    if not files:
        yield _none(project, folder)
    for file in files:
        yield from _read(project, folder, file)


def _none(project: Project, folder: Path) -> Note:
    return Note(
        name=f"{project.name}.checkpoints",
        status="failed",
        summary=f"`{project.shown(project.folder)}` has no checkpoint",
        reason=f"there is no checkpoint in {project.shown(folder)}, so nothing is checked",
        where=Where(path=project.shown(project.file)),
        sources=(project.file, folder),
    )


def _read(project: Project, folder: Path, file: Path) -> Iterator[Request | Note]:
    name = ".".join(file.relative_to(folder).with_suffix("").parts)
    try:
        document = project.read(file)
    except MlciError as error:
        yield Note(
            name=f"{name}.checkpoint",
            status="errored",
            summary=f"`{project.shown(file)}` could not be read",
            reason=error.says,
            where=error.where or Where(path=project.shown(file)),
            sources=(file, project.file),
        )
        return
    written = document.value.get("name")
    name = written if isinstance(written, str) and written else name
    checkpoint = Checkpoint(name=name, document=document, sources=(file, project.file))
    reads = next((read for key, read in _SHAPES.items() if document.value.get(key)), validations.read)
    found = list(reads(project, checkpoint))
    yield from found
    if not any(isinstance(each, Request) or each.status == "errored" for each in found):
        reason = f"the checkpoint `{name}` validates nothing"
        yield checkpoint.note("validations", "failed", reason, reason)
