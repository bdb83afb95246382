"""Changing values in the text of `mlci.yaml`: what is not changed keeps its comments, order and form."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from mlci.documents import decode, read
from mlci.errors import CannotRun
from mlci.places import Key, dotted


def with_values(raw: bytes, name: str, values: Mapping[Key, float]) -> bytes:
    """Return the file `raw`, called `name`, with each number of `values` set at its key.

    The mapping around a key must be there already; a key that is new stands first in it.

    Raises:
        CannotRun: a value cannot be set without changing others, as where YAML's aliases share it.
    """
    text = decode(raw, name)
    head = raw[: len(raw) - len(text.encode())]
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits = sorted((_edit(text, root, key, value) for key, value in values.items()), reverse=True)
    for start, end, written in edits:
        text = text[:start] + written + text[end:]
    changed = head + text.encode()
    if read(changed, name).value != _expected(read(raw, name).value, values):
        raise CannotRun(f"{name} cannot be changed without changing more than is wanted", fix="Change it by hand.")
    return changed


def _edit(text: str, root: yaml.Node | None, key: Key, value: float) -> tuple[int, int, str]:
    """Return from where to where the text changes, and into what."""
    node = root
    for part in key[:-1]:
        node = _child(node, str(part))
    written = f"{value:.12g}"
    found = _child(node, str(key[-1]))
    if found is not None:
        return found.start_mark.index, found.end_mark.index, written
    if not isinstance(node, yaml.MappingNode):
        raise CannotRun(f"{dotted(key)} has no place to be written to", fix="Write it by hand.")
    if node.flow_style or not node.value:
        at = node.start_mark.index + 1
        return at, at, f"{key[-1]}: {written}" + (", " if node.value else "")
    first = node.value[0][0].start_mark
    end = "\r\n" if "\r\n" in text else "\n"
    return first.index, first.index, f"{key[-1]}: {written}{end}{' ' * first.column}"


def _child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _expected(document: Any, values: Mapping[Key, float]) -> Any:
    wanted = copy.deepcopy(document)
    for key, value in values.items():
        inside = wanted
        for part in key[:-1]:
            inside = inside[part]
        inside[key[-1]] = float(f"{value:.12g}")
    return wanted
