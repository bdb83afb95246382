"""The checks of a pipeline: that it ends well, writes its outputs and nothing else, and does so twice alike."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.config.pipeline import Pipeline
from mlci.errors import MlciError
from mlci.git import Repository
from mlci.numbers import count
from mlci.pipeline.copying import chosen, differs, ignored, written
from mlci.pipeline.running import Ran
from mlci.pipeline.sameness import difference
from mlci.results.model import Check, Status, failed_or_warned

if TYPE_CHECKING:
    from mlci.gates import Context

_NAMED = 5
_MOST = 50
_OUTPUT = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    context: Context
    name: str
    pipeline: Pipeline

    def check(self, part: str, summary: str, reason: str | None, *key: str, details: Any = None) -> Check:
        """Return the check called `code.pipeline.<name><part>`, which fails where there is a `reason`."""
        return self.told(part, summary, reason, failed_or_warned(self.pipeline.severity), *key, details=details)

    def told(
        self, part: str, summary: str, reason: str | None, status: Status, *key: str, details: Any = None
    ) -> Check:
        return Check(
            id=f"code.pipeline.{self.name}{part}",
            status=status if reason else "passed",
            severity=self.pipeline.severity,
            summary=summary,
            reason=reason,
            where=self.context.where("pipeline", self.name, *key),
            details=details or {},
        )


def checks_of(context: Context) -> Iterator[Check]:
    """Run every pipeline of the configuration and give its checks; none of them in a run of some files alone."""
    for name, pipeline in context.config.pipeline.items():
        subject = _Subject(context=context, name=name, pipeline=pipeline)
        left_out = context.left_out(
            pipeline.when, f"code.pipeline.{name}", f"the pipeline {name}", "pipeline", name, "when"
        )
        if left_out is not None:
            yield left_out
            continue
        try:
            with _watched(context) as touched:
                ran = context.pipelines.run(name)
                yield from _judged(subject, ran)
            if touched:
                yield _touched(subject, touched)
        except MlciError as error:
            yield subject.told("", f"the pipeline {name} could not run", error.says, "errored")


def _judged(subject: _Subject, ran: Ran) -> Iterator[Check]:
    yield _ended(subject, ran)
    if not ran.is_done:
        return
    new = written(ran.folder, ran.files)
    outputs = {pattern: chosen([*new, *ran.files], pattern) for pattern in subject.pipeline.outputs}
    if outputs:
        yield _outputs(subject, ran, outputs)
    yield _tree(subject, ran, new, outputs)
    if subject.pipeline.repeat and outputs:
        yield _repeated(subject, ran, outputs)


def _ended(subject: _Subject, ran: Ran) -> Check:
    name, ended = subject.name, ran.ended
    commands = count(len(subject.pipeline.commands), "command")
    if ran.is_done:
        return subject.check("", f"the pipeline {name} ran {commands} in {ran.duration_s:.1f} s", None, "run")
    output = (ended.stderr if ended.stderr.strip() else ended.stdout)[-_OUTPUT:]
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it printed nothing")
    reason = f"`{ran.command}` {ended.reason} ({last})"
    status: Status = "errored" if ended.kind == "missing" else failed_or_warned(subject.pipeline.severity)
    summary = f"the pipeline {name} did not run to its end"
    return subject.told("", summary, reason, status, "run", details={"output": output})


def _outputs(subject: _Subject, ran: Ran, outputs: dict[str, list[str]]) -> Check:
    missing = [pattern for pattern, files in outputs.items() if not files]
    empty = [file for files in outputs.values() for file in files if not (ran.folder / file).stat().st_size]
    told = [f"{_names(missing)} not written"] if missing else []
    told += [f"{_names(empty)} empty"] if empty else []
    files = dict.fromkeys(file for files in outputs.values() for file in files)
    return subject.check(".outputs", f"{count(len(files), 'output')} written", "; ".join(told) or None, "outputs")


def _tree(subject: _Subject, ran: Ran, new: Sequence[str], outputs: dict[str, list[str]]) -> Check:
    """Judge what a run left in the copy beside its outputs."""
    context, expected = subject.context, {file for files in outputs.values() for file in files}
    left = [file for file in new if file not in expected]
    unknown = sorted(set(left) - ignored(context.root, context.repository, left)) if left else []
    changed = [file for file in differs(context.root, ran.files, ran.folder) if file not in expected]
    told = [f"changed or removed {_names(changed)}"] if changed else []
    told += [f"left {_names(unknown)}, which git does not ignore"] if unknown else []
    reason = f"it {' and '.join(told)}: name what it is to write in `outputs`" if told else None
    return subject.check(".tree", "the tree is as it was, but for its outputs", reason, "outputs")


def _repeated(subject: _Subject, ran: Ran, outputs: dict[str, list[str]]) -> Check:
    """Run it again with the same seed and compare what it wrote."""
    pipeline, summary = subject.pipeline, "a second run with the same seed"
    files = _compared(pipeline, outputs)
    if not files:
        reason = f"no output is one of {_names(pipeline.same)}, so nothing was compared"
        return subject.check(".repeat", summary, reason, "same")
    again = subject.context.pipelines.again(subject.name)
    if not again.is_done:
        reason = f"the second run of `{again.command}` {again.ended.reason}, after the first one had ended well"
        return subject.check(".repeat", summary, reason, "repeat")
    found = {file: difference(ran.folder / file, again.folder / file, tolerance=pipeline.tolerance) for file in files}
    apart = [f"{file} {told}" for file, told in found.items() if told]
    if not apart:
        return subject.check(".repeat", f"{summary} gave the same {count(len(files), 'output')}", None, "repeat")
    reason = f"a second run with seed {pipeline.seed} gave others: {'; '.join(apart[:_NAMED])}"
    return subject.check(".repeat", summary, reason, "repeat", details={"differing": apart[:_MOST]})


def _compared(pipeline: Pipeline, outputs: dict[str, list[str]]) -> list[str]:
    """Return the outputs that a second run must give again."""
    every = list(dict.fromkeys(file for files in outputs.values() for file in files))
    if not pipeline.same:
        return every
    return list(dict.fromkeys(file for pattern in pipeline.same for file in chosen(every, pattern)))


def _touched(subject: _Subject, touched: Sequence[str]) -> Check:
    reason = f"it wrote to the project itself, outside of its working folder: {_names(touched)}"
    return subject.check(".project", "the project is as it was", reason, "run")


@contextmanager
def _watched(context: Context) -> Iterator[list[str]]:
    """Give a list that holds, after the block, what git sees otherwise in the project than before it."""
    touched: list[str] = []
    before = _state(context.repository, context.root)
    yield touched
    after = _state(context.repository, context.root)
    touched += sorted({line[3:] for line in after ^ before})


def _state(repository: Repository | None, root: Path) -> frozenset[str]:
    if repository is None:
        return frozenset()
    here = Repository(top=root, environ=repository.environ)
    listed = here.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".")
    return frozenset(os.fsdecode(line) for line in listed.stdout.split(b"\0") if line)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
