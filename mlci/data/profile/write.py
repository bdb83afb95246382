"""A suggested suite as YAML, with a comment on each expectation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlci.data.profile.suggest import Group, Suggestion
from mlci.reports.terminal import plain

_LONGEST_LINE = 110
_HEAD = """# Suggested by `mlci profile` from {source}.
# Limits lie beyond what was seen, so that the next file keeps to them. Read them, change them, keep what is meant.
"""


def suite(groups: Sequence[Group], *, source: str) -> str:
    """Return the suite as a list of expectations, as `suite:` names one."""
    head = _HEAD.format(source=plain(source, 200))
    return head + "".join(f"\n# {plain(group.seen, 300)}\n" + "".join(_lines(group, "")) for group in groups)


def configuration(groups: Sequence[Group], *, source: str, name: str, path: str) -> str:
    """Return the suite as an asset of `mlci.yaml`."""
    head = _HEAD.format(source=plain(source, 200))
    opening = f"version: 1\ndata:\n  {_scalar(name)}:\n    path: {_scalar(path)}\n    expect:\n"
    body = "".join(f"      # {plain(group.seen, 300)}\n" + "".join(_lines(group, "      ")) for group in groups)
    return head + opening + body


def _lines(group: Group, indent: str) -> Iterator[str]:
    for each in group.suggestions:
        yield from _entry(each, indent)


def _entry(each: Suggestion, indent: str) -> Iterator[str]:
    flow = f"{indent}- {each.name}: {_flow(each.kwargs)}"
    why = plain(each.why, 200)
    if len(flow) + len(why) + 4 <= _LONGEST_LINE:
        yield f"{flow}  # {why}\n"
        return
    yield f"{indent}# {why}\n"
    yield f"{flow}\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """Return a value as YAML reads it back: JSON, and a plain word where that is one."""
    if isinstance(value, str):
        word = value.replace("_", "a").replace("-", "a")
        known = value.lower() in {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
        safe = word.isascii() and word.isalnum() and word[:1].isalpha() and value[:1].isalpha() and not known
        return value if safe else json.dumps(value, ensure_ascii=True)
    return json.dumps(value)
