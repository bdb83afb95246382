"""The project's own expectations, metrics and so on: which modules define them, and what those do."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from mlci.config.plugins import Plugins
from mlci.errors import Where
from mlci.results.rules import RuleChange
from mlci.rules.kinds.parts import inside
from mlci.rules.python_code import altered
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind


@kind
def plugins(before: tuple[str, ...] | Plugins, after: tuple[str, ...] | Plugins, spot: Spot) -> InForce:
    """Modules of the project that decide what passes: what they did must stay; more functions may come."""
    then, now = (each if isinstance(each, Plugins) else Plugins(modules=each) for each in (before, after))
    moved = {old: new for old in then.modules for new in now.modules if _moved(old, new, spot)}
    known = tuple(moved.get(name, name) for name in then.modules)
    judged = inside(Plugins(modules=known, timeout=then.timeout, memory=then.memory), now, spot)
    files = [name for module in then.modules for name in _files(module, spot.sides.base)]
    return InForce(after, (*judged.changes, *(change for name in files for change in _edited(name, spot))))


def _moved(old: str, new: str, spot: Spot) -> bool:
    then = list(_files(old, spot.sides.base))
    return old != new and bool(then) and spot.sides.follow(then[0]) in list(_files(new, spot.sides.head))


def _files(module: str, side: Side) -> Iterator[str]:
    """Yield the files of a module (`tests.plugins`), or the file that is named."""
    if module.endswith(".py"):
        yield module
        return
    path = module.replace(".", "/")
    for folder in ("", "src"):
        place = posixpath.join(folder, path)
        if side.read(f"{place}.py") is not None:
            yield f"{place}.py"
        elif side.read(f"{place}/__init__.py") is not None:
            yield from side.matching(f"{place}/**/*.py")


def _edited(name: str, spot: Spot) -> Iterator[RuleChange]:
    sides = spot.sides
    old, now = sides.base.read(name), sides.follow(name)
    new = sides.head.read(now) if now else None
    if old is None:
        return
    if new is None or now is None:
        yield RuleChange(kind="deleted", what=name, where=spot.where)
    elif altered(old, new):
        yield RuleChange(kind="edited", what=f"{now}: functions that decide what passes", where=Where(path=now))
