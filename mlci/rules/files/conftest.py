"""`conftest.py`: which tests are collected, and what becomes of how they end."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.errors import Where
from mlci.results.rules import Kind, RuleChange
from mlci.rules.files import file
from mlci.rules.python_code import collection_of
from mlci.rules.sides import Sides

_NAME = "conftest.py"


@file
def conftest(sides: Sides) -> Iterator[RuleChange]:
    """Yield the files whose hooks of pytest, or lists of ignored files, are not what they were; fixtures are code."""
    if sides.base.config.code is None or sides.head.config.code is None:
        return
    for before, after in _changed(sides):
        old, new = sides.commit.read(before) or b"", sides.disk.read(after) or b""
        then, now = collection_of(old), collection_of(new)
        if then != now:
            at = sides.head.named(after)
            what = f"{at}: hooks of pytest and ignored files"
            kind: Kind = "deleted" if sides.disk.read(after) is None else "edited"
            yield RuleChange(kind=kind, what=what, where=Where(path=at) if kind == "edited" else None)


def _changed(sides: Sides) -> Iterator[tuple[str, str]]:
    """Yield the paths of the files of that name that are not what they were: at the base, and at the head."""
    done = sides.commit.repository.run(
        *("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", sides.commit.commit, "--"),
        *(f":(glob,top)**/{_NAME}",),
    )
    changed = [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
    moved = {old: new for old, new in sides.commit.renamed.items() if old in changed} if len(changed) > 1 else {}
    for name in changed:
        if name not in moved.values():
            yield name, moved.get(name, name)
