"""What `pipeline:` must keep to beyond the shape of its keys, and what refers to it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath

from mlci.config.model import Config
from mlci.config.pipeline import Pipeline
from mlci.errors import did_you_mean
from mlci.places import Key
from mlci.sizes import bytes_of

Problem = tuple[Key, str, str]


def of_pipelines(config: Config) -> Iterator[Problem]:
    """Give every mistake in the pipelines and in the assets that they write."""
    for name, pipeline in config.pipeline.items():
        yield from _of(("pipeline", name), pipeline)
    for name, asset in config.data.items():
        key: Key = ("data", name, "pipeline")
        if asset.pipeline is None:
            continue
        if asset.pipeline not in config.pipeline:
            yield key, f'there is no pipeline "{asset.pipeline}"', did_you_mean(asset.pipeline, config.pipeline)
        if not asset.paths:
            yield key, "needs `path`, one of the pipeline's outputs", ""


def _of(key: Key, pipeline: Pipeline) -> Iterator[Problem]:
    if not pipeline.commands:
        yield (*key, "run"), "names no command", ""
    for at, command in enumerate(pipeline.commands):
        yield from _of_command((*key, "run", *(() if isinstance(pipeline.run, str) else (at,))), command)
    for part in ("outputs", "include", "same"):
        for at, path in enumerate(getattr(pipeline, part)):
            if not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                yield (*key, part, at), f'must be a path in the project, not "{path}"', ""
    if pipeline.same and not pipeline.repeat:
        yield (*key, "same"), "is compared in a second run, which `repeat: false` leaves out", ""
    if pipeline.timeout <= 0:
        yield (*key, "timeout"), "must be above 0", ""
    if pipeline.tolerance < 0:
        yield (*key, "tolerance"), "must not be below 0", ""
    if pipeline.memory is not None and bytes_of(pipeline.memory) is None:
        yield (*key, "memory"), f'must be a size such as 4GB, not "{pipeline.memory}"', ""


def _of_command(key: Key, command: str) -> Iterator[Problem]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        yield key, f"is no command: {str(error).lower()}", ""
        return
    if not words:
        yield key, "is empty", ""
    elif {"|", "&&", ";", ">", "<", "||"} & set(words):
        yield key, "is read by no shell", "Write a list of commands, or `bash -c '…'`."
