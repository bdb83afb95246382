"""One function of a project, as the worker describes it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlci.errors import UsageError, Where, did_you_mean

Kind = Literal["expectation", "perturbation", "metric", "behaviour", "cases"]
_TYPES: Mapping[str, Any] = {"str": str, "int": int, "float": float, "bool": bool, "list": list[Any], "dict": dict}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One parameter of a function that its user fills in."""

    name: str
    required: bool
    type: Any = Any
    """Its type, where that is a plain one."""
    default: Any = None
    """What it is when left out, where that is a text or a number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """What it is, what it is called, and what it takes."""

    kind: Kind
    name: str
    target: str
    """`module:function`: where the worker finds it."""
    doc: str
    digest: str
    """Of its source."""
    given: tuple[str, ...]
    """The parameters that mlci fills in."""
    settings: tuple[Setting, ...]
    any_setting: bool
    """Whether it takes settings of any name."""
    where: Where | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    """What its decorator says besides: `over`, `columns`, `missing`, `of`, `direction`, `compares`; and which of what
    mlci fills in it can do without (`optional`)."""

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.doc.strip().splitlines()[0] if self.doc.strip() else f"`{self.target}`"

    def checked(self, settings: Mapping[str, Any], *, of: str) -> dict[str, Any]:
        """Return `settings`; raise `UsageError` for one that the function does not take, or that it lacks.

        `of` names the function in messages. Dashes in names are underscores.
        """
        named = {str(key).replace("-", "_"): value for key, value in settings.items()}
        known = {setting.name: setting for setting in self.settings}
        for name, value in named.items():
            if name not in known and not self.any_setting:
                takes = f"it takes {', '.join(known)}." if known else "it takes none."
                raise UsageError(f'{of} has no setting "{name}"', fix=did_you_mean(name, known) or takes)
            if name in known:
                _check_type(known[name], value, of)
        if missing := [name for name, setting in known.items() if setting.required and name not in named]:
            raise UsageError(f'{of} needs the setting "{missing[0]}"')
        return named


def _check_type(setting: Setting, value: Any, of: str) -> None:
    from mlci.expectations.arguments import fits, said

    if value is None and not setting.required:
        return
    if not fits(value, setting.type):
        raise UsageError(f"{of}: {setting.name} is {value!r}, which is no {said(setting.type)}")


def function_of(described: Mapping[str, Any], *, target: str, root: Path) -> Function:
    """Return what the worker described of the function at `target`; places are relative to `root`."""
    settings = tuple(
        Setting(
            name=one["name"],
            required=one["required"],
            type=_TYPES.get(one["type"] or "", Any),
            default=one["default"],
        )
        for one in described["settings"]
    )
    known = ("kind", "name", "doc", "digest", "given", "settings", "any_setting", "place", "attribute")
    return Function(
        kind=described["kind"],
        name=described["name"],
        target=target,
        doc=described["doc"],
        digest=described["digest"],
        given=tuple(described["given"]),
        settings=settings,
        any_setting=described["any_setting"],
        where=_where(described["place"], root),
        traits={name: value for name, value in described.items() if name not in known},
    )


def _where(place: Any, root: Path) -> Where | None:
    if not place:
        return None
    path = Path(place[0])
    with contextlib.suppress(ValueError, OSError):
        path = path.resolve().relative_to(root.resolve())
    return Where(path=path.as_posix(), line=place[1])
