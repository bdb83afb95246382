"""The labelled examples that a model is evaluated on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.config.models import Evaluate
from mlci.errors import CannotRun, Where, did_you_mean
from mlci.metrics.scorer import VERSION, Label
from mlci.model.rows import Row, read_rows

_MOST_CLASSES = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """Examples in the order of their file."""

    path: Path
    shown: str
    """What messages call the file."""
    rows: Sequence[Row]
    ids: tuple[Any, ...]
    """What names each example; its row number, from 1, where no column does."""
    labels: tuple[Label, ...]
    inputs: tuple[Any, ...]
    """What `predict` is given for each: a value, or a row."""
    groups: tuple[Any, ...] | None = None
    """What each is ranked within, as a query; None where no column says so."""

    def __len__(self) -> int:
        return len(self.rows)


def read_evaluation(evaluate: Evaluate, *, root: Path) -> Evaluation:
    """Read the examples; raise `CannotRun` for a missing column, a missing label, or an id that is given twice."""
    path = root / evaluate.data
    read = read_rows(path, shown=evaluate.data, null_values=evaluate.null_values)
    _check_columns(evaluate, read.columns)
    labels = [row[evaluate.label] for row in read.rows]
    _check_present(labels, f'the label column "{evaluate.label}"', evaluate.data)
    ids = [at + 1 if evaluate.id is None else row[evaluate.id] for at, row in enumerate(read.rows)]
    _check_present(ids, f'the id column "{evaluate.id}"', evaluate.data)
    _check_unique(ids, evaluate)
    columns = input_columns(evaluate, read.columns)
    groups = None if evaluate.group is None else tuple(row[evaluate.group] for row in read.rows)
    _check_present(groups or (), f'the group column "{evaluate.group}"', evaluate.data)
    return Evaluation(
        path=path,
        shown=evaluate.data,
        rows=read.rows,
        ids=tuple(ids),
        labels=tuple(map(_whole, labels)),
        inputs=tuple(_input(row, columns) for row in read.rows),
        groups=groups,
    )


def input_columns(evaluate: Evaluate, columns: Sequence[str]) -> str | tuple[str, ...]:
    """Return the column that the model is given, or the columns of the row that it is given."""
    if evaluate.input is not None:
        return evaluate.input
    return tuple(column for column in columns if column not in (evaluate.label, evaluate.id, evaluate.group))


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What tells whether numbers of two runs are about the same examples."""

    fingerprints: Mapping[str, str]
    """BLAKE2 digests: `evaluate` of the examples and the metric code, `metric-code` of that alone, and `labels` of the
    set of labels, where these are classes."""
    order: tuple[int, ...]
    """The positions of the examples in the order of their digests: the same order wherever the examples are the same,
    whatever the order of the file."""


def identity(evaluation: Evaluation, *, inputs: bool) -> Identity:
    """Take the digests of ids, labels and groups, of inputs where a model is given them, and of the metric code."""
    columns = [evaluation.ids, evaluation.labels, evaluation.inputs if inputs else evaluation.ids]
    columns += [] if evaluation.groups is None else [evaluation.groups]
    rows = [_digest(_bytes(one)) for one in zip(*columns, strict=True)]
    order = tuple(sorted(range(len(rows)), key=rows.__getitem__))
    found = {
        "evaluate": _digest(_bytes(VERSION) + b"".join(rows[at] for at in order)).hex(),
        "metric-code": _digest(_bytes(VERSION)).hex(),
    }
    classes = set(map(repr, evaluation.labels))
    if len(classes) <= _MOST_CLASSES and not any(isinstance(label, float) for label in evaluation.labels):
        found["labels"] = _digest(_bytes(sorted(classes))).hex()
    return Identity(fingerprints=found, order=order)


def fingerprint(evaluation: Evaluation, *, inputs: bool) -> str:
    """Return the digest of the examples and the metric code."""
    return identity(evaluation, inputs=inputs).fingerprints["evaluate"]


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()


def _check_columns(evaluate: Evaluate, columns: Sequence[str]) -> None:
    inputs = [evaluate.input] if isinstance(evaluate.input, str) else evaluate.input or ()
    for column in (evaluate.label, evaluate.id, evaluate.group, *inputs):
        if column is not None and column not in columns:
            advice = did_you_mean(column, columns) or f"it has {', '.join(columns[:20])}."
            raise CannotRun(f'there is no column "{column}"', where=Where(path=evaluate.data), fix=advice)


def _check_present(values: Sequence[Any], what: str, path: str) -> None:
    missing = [at + 1 for at, value in enumerate(values) if value is None or value != value]  # noqa: PLR0124 - NaN
    if missing:
        rows = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")  # noqa: PLR2004
        raise CannotRun(f"{what} is empty in {len(missing)} of {len(values)} rows: {rows}", where=Where(path=path))


def _check_unique(ids: Sequence[Any], evaluate: Evaluate) -> None:
    repeated = len(ids) - len(set(ids))
    if repeated:
        raise CannotRun(
            f'the id column "{evaluate.id}" names {repeated} rows that another row has named before',
            where=Where(path=evaluate.data),
        )


def _whole(label: Any) -> Any:
    """Return a whole number as one: a label of 1.0 is the label 1."""
    return int(label) if isinstance(label, float) and label.is_integer() else label


def _input(row: Row, columns: str | tuple[str, ...]) -> Any:
    return row[columns] if isinstance(columns, str) else {column: row[column] for column in columns}
