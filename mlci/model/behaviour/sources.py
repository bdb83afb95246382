"""Where the cases of a test come from: examples, templates, or the rows of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlci.errors import UsageError, did_you_mean
from mlci.model.behaviour.cases import key_of
from mlci.model.behaviour.keys import Keys
from mlci.model.behaviour.suite import Table, Template, Written
from mlci.model.behaviour.template import lexicon_of, places

EXAMPLE_KEYS = frozenset({"input", "inputs", "label", "expect", "cluster"})
TEMPLATE_KEYS = ("template", "label")


def examples_of(keys: Keys, *, against_first: bool) -> tuple[Written, ...]:
    """Return the examples written out in a test.

    Each is an input (a text, a number, a row), a list of inputs that make one case (the original first), or
    `{input or inputs, label, expect, cluster}`.
    """
    written = keys.written.get("examples", ())
    with keys.document.at(*keys.steps, "examples"):
        if not isinstance(written, Sequence) or isinstance(written, str):
            raise UsageError("`examples` is a list")
    label = keys.written.get("label")
    return tuple(_example(keys, at, one, label, against_first) for at, one in enumerate(written))


def _example(keys: Keys, at: int, one: Any, label: Any, against_first: bool) -> Written:  # noqa: FBT001 - passed down
    lines = keys.document.lines
    line = (lines.get((*keys.steps, "examples", at)) or lines.get(keys.steps)) if lines else None
    if not isinstance(one, dict) or not ("input" in one or "inputs" in one):
        return Written(_inputs(one) or _nothing(keys, at), label, line=line)
    if not one.keys() <= EXAMPLE_KEYS or ("input" in one and "inputs" in one):
        with keys.document.at(*keys.steps, "examples", at):
            raise _wrong_keys(one)
    judge = None
    if "expect" in one:
        own = replace(keys, written=one, steps=(*keys.steps, "examples", at))
        judge = own.judge("expect", one["expect"], against_first=against_first)
    inputs = (one["input"],) if "input" in one else _inputs(one["inputs"]) or _nothing(keys, at)
    cluster = one.get("cluster")
    return Written(inputs, one.get("label", label), None if cluster is None else key_of(cluster), judge, line)


def _nothing(keys: Keys, at: int) -> tuple[Any, ...]:
    with keys.document.at(*keys.steps, "examples", at):
        raise UsageError("an example has at least one input")


def _wrong_keys(one: Mapping[str, Any]) -> UsageError:
    unknown = [key for key in one if key not in EXAMPLE_KEYS]
    if not unknown:
        return UsageError("an example has `input` or `inputs`, not both")
    advice = did_you_mean(str(unknown[0]), EXAMPLE_KEYS) or f"it may have {', '.join(sorted(EXAMPLE_KEYS))}."
    return UsageError(f'an example has no key "{unknown[0]}"', fix=advice)


def _inputs(one: Any) -> tuple[Any, ...]:
    return tuple(one) if isinstance(one, list | tuple) else (one,)


def templates_of(keys: Keys, lexicons: Mapping[str, Sequence[Any]]) -> tuple[Template, ...]:
    """Return the templates of a test; raise `UsageError` when one names a lexicon that there is not."""
    label = keys.written.get("label")
    if "template" in keys.written:
        return (_template(keys, keys.written["template"], label, lexicons, ("template",)),)
    written = keys.written.get("templates", ())
    with keys.document.at(*keys.steps, "templates"):
        if not isinstance(written, Sequence) or isinstance(written, str):
            raise UsageError("`templates` is a list")
    return tuple(_template(keys, one, label, lexicons, ("templates", at)) for at, one in enumerate(written))


def _template(
    keys: Keys, body: Any, label: Any, lexicons: Mapping[str, Sequence[Any]], steps: tuple[str | int, ...]
) -> Template:
    if isinstance(body, Mapping) and "template" in body and not body.keys() - set(TEMPLATE_KEYS):
        body, label = body["template"], body.get("label", label)
    with keys.document.at(*keys.steps, *steps):
        if not isinstance(body, str | Mapping | list) or body == []:
            raise UsageError(f"a template is a text with {{places}}, a list or a mapping of such texts, not {body!r}")
        for place in [*places(body), *places(label)]:
            lexicon_of(place.name, lexicons)
    return Template(body=body, label=label)


def table_of(keys: Keys) -> Table | None:
    """Return the data file of a test, with the columns that it takes."""
    if "data" not in keys.written:
        return None
    columns = keys.written.get("input")
    with keys.document.at(*keys.steps, "input"):
        if isinstance(columns, list) and all(isinstance(column, str) for column in columns):
            columns = tuple(columns)
        if columns is not None and not isinstance(columns, str | tuple):
            raise UsageError(f"`input` is a column or a list of columns, not {columns!r}")
    with keys.document.at(*keys.steps, "data"):
        if not keys.text("data").isprintable():
            raise UsageError("`data` is the path of a file")
    return Table(path=keys.text("data"), input=columns, label=keys.text("label") or None)
