"""Two lists of expectations, in whichever shape they are written: what is gone, looser, stricter and new."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.rules.kinds.lists import fewer, more
from mlci.rules.kinds.values import demands, higher, lower, other, severity
from mlci.rules.spots import InForce, Judge, Spot

_UNUSED = frozenset(
    {
        *("result_format", "include_config", "catch_exceptions", "meta", "batch_id", "id", "notes", "description"),
        *("expectation_context", "rendered_content", "auto", "profiler_config", "success_on_last_run", "severity"),
    }
)
_LEVELS = {"critical": "error", "error": "error"}
_SUBJECTS = ("column", "column_A", "column_B", "column_list", "column_set", "column_index")
_ARGUMENTS: Mapping[str, Judge] = {
    "mostly": higher,
    "min_value": higher,
    "max_value": lower,
    "strict_min": demands,
    "strict_max": demands,
}
_SETS: Mapping[str, Judge] = {"not_be_in_set": more, "contain_set": more, "be_in_set": fewer}
_DEFAULTS: Mapping[str, Any] = {"mostly": 1, "strict_min": False, "strict_max": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One expectation: its name and arguments, whatever the shape it is written in."""

    name: str
    arguments: Mapping[str, Any]
    severity: str
    entry: Any
    """As it stands in its list."""

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about: its name and columns."""
        return self.name, _text({key: self.arguments.get(key) for key in _SUBJECTS})

    @property
    def whole(self) -> tuple[str, str, str]:
        """All that it asks."""
        return self.name, _text(self.arguments), self.severity


def written(entry: Any) -> Written:
    """Return an expectation in a shape of Great Expectations or in ours; what is none keeps its text as name."""
    name, arguments, level = _parts(entry)
    if name.startswith("Expect"):
        name = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
    level = str(arguments.get("severity") or level or "error")
    kept = {key: value for key, value in arguments.items() if key not in _UNUSED and _DEFAULTS.get(key) != value}
    return Written(name=name, arguments=kept, severity=_LEVELS.get(level, "warning"), entry=entry)


def _parts(entry: Any) -> tuple[str, Mapping[str, Any], Any]:
    if not isinstance(entry, Mapping) or not entry:
        return str(entry), {}, None
    kind = entry.get("expectation_type", entry.get("type"))
    if isinstance(kind, str):
        arguments = entry.get("kwargs")
        return kind, arguments if isinstance(arguments, Mapping) else {}, entry.get("severity")
    name, arguments = next(iter(entry.items()))
    return str(name), arguments if isinstance(arguments, Mapping) else {}, None


def compare(before: Sequence[Any], after: Sequence[Any], spot: Spot, places: Sequence[Spot]) -> InForce:
    """Compare two lists of expectations; those that are gone, or were stricter, stay in force.

    The same expectation may stand anywhere in the list; one whose arguments changed is known by its name and columns.
    `places` are those of the entries of `after`, and `spot` that of the list.
    """
    old, new = _apart([*map(written, before)], [*map(written, after)])
    value, changes = list(after), []
    for wanted in old:
        found = next((at for at, (_, each) in enumerate(new) if each.subject == wanted.subject), None)
        if found is None:
            value.append(wanted.entry)
            changes.append(_named(spot, wanted).change("deleted", wanted.entry, None))
            continue
        place, each = new.pop(found)
        told, is_loose = _changed(wanted, each, places[place])
        value[place] = wanted.entry if is_loose else each.entry
        changes += told
    changes += [_named(places[at], each).change("added", None, each.entry) for at, each in new]
    return InForce(tuple(value), tuple(changes))


def _apart(old: Sequence[Written], new: Sequence[Written]) -> tuple[list[Written], list[tuple[int, Written]]]:
    """Return what of `old` is not in `new` as it is, and what of `new`, with its position, is not in `old`."""
    places: dict[tuple[str, str, str], list[int]] = {}
    for at, each in enumerate(new):
        places.setdefault(each.whole, []).append(at)
    rest, found = [], set()
    for wanted in old:
        known = places.get(wanted.whole)
        if known:
            found.add(known.pop(0))
        else:
            rest.append(wanted)
    return rest, [(at, each) for at, each in enumerate(new) if at not in found]


def _changed(before: Written, after: Written, spot: Spot) -> tuple[tuple[Any, ...], bool]:
    """Return what changed of one expectation, and whether some of it is looser."""
    changes = list(severity(before.severity, after.severity, _named(spot, after, "severity")).changes)
    for name in dict.fromkeys((*before.arguments, *after.arguments)):
        one, two = (each.arguments.get(name, _DEFAULTS.get(name)) for each in (before, after))
        changes += _judge(before.name, name)(one, two, _named(spot, after, name)).changes
    return tuple(changes), any(change.is_loose for change in changes)


def _judge(expectation: str, argument: str) -> Judge:
    if argument == "value_set":
        return next((judge for part, judge in _SETS.items() if part in expectation), other)
    return _ARGUMENTS.get(argument, other)


def _named(spot: Spot, each: Written, argument: str = "") -> Spot:
    columns = [each.arguments[key] for key in _SUBJECTS if each.arguments.get(key) is not None]
    told = ", ".join(", ".join(map(str, one)) if isinstance(one, (list, tuple)) else str(one) for one in columns)
    name = f"{spot.what}: {each.name}({told})"
    return spot.inside(name=f"{name} {argument}".rstrip())


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    """Return a value in which numbers that are equal look the same."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
