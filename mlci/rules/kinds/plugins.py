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
    edited = [change for module in then.modules for change in _of_module(module, moved.get(module, module), spot)]
    return InForce(after, (*judged.changes, *edited))


def _moved(old: str, new: str, spot: Spot) -> bool:
    then = list(files_of(old, spot.sides.base))
    return old != new and bool(then) and spot.sides.follow(then[0]) in list(files_of(new, spot.sides.head))


def _of_module(before: str, after: str, spot: Spot) -> Iterator[RuleChange]:
    """Yield what was edited in a module; a file that takes the place of its first one is an edit too."""
    old, new = list(files_of(before, spot.sides.base)), list(files_of(after, spot.sides.head))
    if old and new and spot.sides.follow(old[0]) not in (None, new[0]):
        yield RuleChange(kind="edited", what=f"{new[0]}: in the place of {old[0]}", where=Where(path=new[0]))
    for name in old:
        yield from _edited(name, spot)


def files_of(module: str, side: Side) -> Iterator[str]:
    """Yield the files of a module (`tests.plugins`), the first of which is imported, or the file that is named."""
    if module.endswith(".py"):
        yield module
        return
    path = module.replace(".", "/")
    for folder in ("", "src"):
        place = posixpath.join(folder, path)
        if side.read(f"{place}/__init__.py") is not None:
            yield f"{place}/__init__.py"
            yield from (name for name in side.matching(f"{place}/**/*.py") if name != f"{place}/__init__.py")
            return
        if side.read(f"{place}.py") is not None:
            yield f"{place}.py"
            return


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
