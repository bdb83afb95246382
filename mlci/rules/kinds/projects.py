"""Projects of Great Expectations: what their files ask for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlci.config.data import GreatExpectations
from mlci.documents import Document, read
from mlci.errors import UsageError
from mlci.results.rules import RuleChange
from mlci.rules.equality import same
from mlci.rules.kinds.parts import inside
from mlci.rules.kinds.suites import compare_documents
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind

Project = str | GreatExpectations
_ENDINGS = (".json", ".yml", ".yaml")
_APART = ("uncommitted/", "plugins/")


@kind
def projects(before: Sequence[Project], after: Sequence[Project], spot: Spot) -> InForce:
    """Projects of Great Expectations: their suites as lists of expectations, other files by whether they changed."""
    then, now = (list(map(_whole, each)) for each in (before, after))
    value, changes = list(after), []
    left = dict(enumerate(now))
    for old in then:
        found = next((at for at, new in left.items() if spot.sides.same_place(old.project, new.project)), None)
        if found is None:
            changes.append(spot.change("deleted", old.project, None))
            continue
        new = left.pop(found)
        judged = inside(old, new, spot.inside(found))
        value[found] = judged.value if judged.changes else after[found]
        changes += [*judged.changes, *_files(old.project, new.project, spot.inside(found))]
    changes += [spot.inside(at).change("added", None, new.project) for at, new in left.items()]
    return InForce(tuple(value), tuple(changes))


def _whole(project: Project) -> GreatExpectations:
    return GreatExpectations(project=project) if isinstance(project, str) else project


def _files(before: str, after: str, spot: Spot) -> Iterator[RuleChange]:
    """Yield what changed in the files of a project that is in folder `before` at the base and `after` at the head."""
    sides = spot.sides
    then, now = list(_names(before, sides.base)), list(_names(after, sides.head))
    moved = {name: sides.follow(name) for name in then}
    for name in then:
        yield from _file(name, moved[name] if moved[name] in now else None, spot)
    for name in now:
        if name not in moved.values():
            yield spot.inside(name=name).change("added", None, None)


def _names(folder: str, side: Side) -> Iterator[str]:
    for name in side.matching(posixpath.join(folder, "**", "*")):
        inner = posixpath.relpath(name, folder)
        if name.endswith(_ENDINGS) and not any(f"{part}/" in _APART for part in inner.split("/")):
            yield name


def _file(before: str, after: str | None, spot: Spot) -> Iterator[RuleChange]:
    then, now = _document(before, spot.sides.base), _document(after, spot.sides.head) if after else None
    if now is None or after is None:
        yield spot.inside(name=before).change("deleted", None, None)
    elif then is not None and _is_suite(then.value) and _is_suite(now.value):
        yield from compare_documents([then], [now], spot)
    elif then is None or not same(then.value, now.value):
        yield spot.in_file(now, name=after).change("edited", None, None)


def _document(name: str | None, side: Side) -> Document | None:
    raw = side.read(name) if name else None
    try:
        return None if raw is None else read(raw, str(name))
    except UsageError:
        return None


def _is_suite(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("expectations"), list)
