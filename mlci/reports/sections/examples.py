"""Values of data rows and examples of failing cases: shown only where the project lets them be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from mlci.reports.findings import Finding
from mlci.reports.inert import prose, value
from mlci.reports.layout import Section, fold

KEYS = ("values", "examples")
"""Where the details of a check hold values of data rows and inputs of models."""

_EACH = 5
_PARTS = 7
_TOLD_ABOVE = ("test", "case")


def sections(found: Sequence[Finding]) -> Iterator[Section]:
    """Yield, folded, the first values or examples of each finding that has some."""
    entries = tuple(entry for finding in found if (entry := _entry(finding)))
    if entries:
        head, tail = fold(f"Values and examples ({len(entries):,})")
        yield Section(what="values and examples", priority=7, head=head, entries=entries, tail=tail)


def _entry(finding: Finding) -> str:
    details = finding.check.details if finding.check else {}
    shown = [_example(item) for key in KEYS for item in _items(details.get(key))[:_EACH]]
    return "\n".join((f"- {value(finding.subject)}", *(f"  - {item}" for item in shown))) if shown else ""


def _items(found: Any) -> Sequence[Any]:
    """Return the items of a list, or of the lists and values of a mapping."""
    if isinstance(found, Mapping):
        if "keys" in found:
            return _keyed(found)
        return tuple(item for part in found.values() for item in (_items(part) or (part,)))
    return found if isinstance(found, (list, tuple)) else ()


def _keyed(found: Mapping[str, Any]) -> Sequence[Any]:
    """Return the failing rows by their keys, each with its value."""
    keys, shown = _items(found["keys"]), _items(found.get("unexpected_values"))
    both = zip_longest((key if isinstance(key, Mapping) else {} for key in keys), shown[: len(keys)])
    return tuple({**key, **({"value": one} if shown else {})} for key, one in both)


def _example(item: Any) -> str:
    if isinstance(item, Mapping):
        parts = [(key, part) for key, part in item.items() if key not in _TOLD_ABOVE and part not in ("", None)]
        return (
            " · ".join(f"{prose(str(key), limit=40)} {value(_text(part))}" for key, part in parts[:_PARTS]) or "(empty)"
        )
    if isinstance(item, (list, tuple)):
        return " → ".join(value(_text(part)) for part in item[:_PARTS]) or "(empty)"
    return value(_text(item))


def _text(part: Any) -> str:
    return part if isinstance(part, str) else "missing" if part is None else str(part)
