"""One place in the configuration that is looked at on both sides, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any, NamedTuple, Protocol

from mlci.errors import Where
from mlci.locations import redacted
from mlci.places import Key, dotted
from mlci.registry import Registry
from mlci.results.rules import Kind, RuleChange
from mlci.rules.sides import Sides

_LONGEST = 300


class HasPlaces(Protocol):
    """What knows the places of its keys."""

    def where(self, *key: str | int) -> Where | None:
        """Return the place of a key, or of the nearest thing around it."""


class InForce(NamedTuple):
    """The value that holds while nobody lets loosened rules pass, and what changed."""

    value: Any
    changes: tuple[RuleChange, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A place in the head's configuration, or in a file that it names."""

    key: Key
    sides: Sides
    name: str = ""
    """What the rule is called where the key alone says too little."""
    document: HasPlaces | None = None
    """The file, where it is not the configuration."""

    def inside(self, *more: str | int, name: str = "") -> Spot:
        """Return the place of something in this one."""
        return replace(self, key=(*self.key, *more), name=name)

    def in_file(self, document: HasPlaces, *key: str | int, name: str) -> Spot:
        """Return a place in a file."""
        return replace(self, key=key, name=name, document=document)

    @property
    def what(self) -> str:
        """What the rule is called: an entry of a list as the list."""
        return self.name or dotted(tuple(part for part in self.key if isinstance(part, str)))

    @property
    def where(self) -> Where | None:
        """Where it stands at the head, or the nearest thing around it."""
        return (self.document or self.sides.head.loaded).where(*self.key)

    def change(self, kind: Kind, before: Any, after: Any) -> RuleChange:
        """Return what changed here, with both values as people read them."""
        return RuleChange(kind=kind, what=self.what, where=self.where, before=shown(before), after=shown(after))


Judge = Callable[[Any, Any, Spot], InForce]
KINDS: Registry[Judge] = Registry("kind of rule", "mlci.rules.kinds")
"""How a key of the configuration is compared, by the name that the model of the configuration declares for it."""


def kind(judge: Judge) -> Judge:
    """Register a function that compares the two values of a key, under its own name."""
    return KINDS.register(judge.__name__, judge)


def shown(value: Any) -> str | None:
    """Return a value as people read it in `mlci.yaml`, in one line; None for nothing."""
    if value is None:
        return None
    text = _flow(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _flow(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return _flow(_written(value))
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_flow(each)}' for name, each in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return redacted(value) if isinstance(value, str) else repr(value)


def _written(value: Any) -> dict[str, Any]:
    """Return the keys of a part of the configuration that say more than what is usual."""
    found = {}
    for each in fields(value):
        usual = each.default if each.default_factory is MISSING else each.default_factory()
        if getattr(value, each.name) != usual:
            found[each.name.replace("_", "-")] = getattr(value, each.name)
    return found
