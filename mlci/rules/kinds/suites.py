"""Expectations of a data asset: in its list, and in the suite files that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlci.documents import Document, read
from mlci.errors import UsageError
from mlci.rules.expectations import compare
from mlci.rules.kinds.values import other
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind

_PARAMETERS = ("evaluation_parameters", "suite_parameters")


@kind
def expectations(before: Sequence[Any], after: Sequence[Any], spot: Spot) -> InForce:
    """A list of expectations: one that is gone or looser loosens, a new one is in force at once."""
    return compare(before, after, spot, [spot.inside(at) for at in range(len(after))])


@kind
def suites(before: str | Sequence[str], after: str | Sequence[str], spot: Spot) -> InForce:
    """Files with expectations, looked at as one list, so that they may be moved between files and files renamed."""
    then = list(documents(before, spot.sides.base))
    now = list(documents(after, spot.sides.head))
    return InForce(after, compare_documents(then, now, spot))


def compare_documents(then: Sequence[Document], now: Sequence[Document], spot: Spot) -> tuple[Any, ...]:
    """Return what changed between two lists of suite files."""
    old = [entry for document in then for _, entry in _entries(document)]
    new = [(document, key, entry) for document in now for key, entry in _entries(document)]
    names = {each.name for each in now}
    at = spot.inside(name=", ".join(sorted(names)) or spot.what)
    places = [spot.in_file(document, *key, name=document.name) for document, key, _ in new]
    judged = compare(old, [entry for *_, entry in new], at, places)
    parameters = other(_parameters(then), _parameters(now), spot.inside(name=f"{at.what}: parameters of the suite"))
    return (*judged.changes, *parameters.changes)


def documents(names: str | Sequence[str], side: Side) -> Iterator[Document]:
    """Yield the files that can be read as suites; of others the data gate says what is wrong with them."""
    for name in (names,) if isinstance(names, str) else names:
        raw = side.read(name) if name else None
        try:
            if raw is not None:
                yield read(raw, name)
        except UsageError:
            continue


def _entries(document: Document) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    value = document.value
    listed = value.get("expectations") if isinstance(value, Mapping) else value
    before = ("expectations",) if isinstance(value, Mapping) else ()
    for at, entry in enumerate(listed if isinstance(listed, list) else ()):
        yield (*before, at), entry


def _parameters(found: Sequence[Document]) -> dict[str, Any]:
    wholes = [document.value for document in found if isinstance(document.value, Mapping)]
    given = [whole.get(key) for whole in wholes for key in _PARAMETERS]
    return {name: value for each in given if isinstance(each, Mapping) for name, value in each.items()}
