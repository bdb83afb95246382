"""The labelled examples that a model is evaluated on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.config.models import Evaluate
from mlci.errors import CannotRun, Where, did_you_mean
from mlci.metrics.scorer import VERSION, Label
from mlci.model.rows import Row, read_rows


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
    return Evaluation(
        path=path,
        shown=evaluate.data,
        rows=read.rows,
        ids=tuple(ids),
        labels=tuple(map(whole, labels)),
        inputs=tuple(_input(row, columns) for row in read.rows),
    )


def input_columns(evaluate: Evaluate, columns: Sequence[str]) -> str | tuple[str, ...]:
    """Return the column that the model is given, or the columns of the row that it is given."""
    if evaluate.input is not None:
        return evaluate.input
    return tuple(column for column in columns if column not in (evaluate.label, evaluate.id))


def fingerprint(evaluation: Evaluation, *, inputs: bool) -> str:
    """Return a BLAKE2 digest of ids and labels, of inputs where a model is given them, and of the metric code."""
    values = zip(evaluation.ids, evaluation.labels, evaluation.inputs if inputs else evaluation.ids, strict=True)
    rows = sorted(hashlib.blake2b(_bytes(one), digest_size=16).digest() for one in values)
    return hashlib.blake2b(_bytes(VERSION) + b"".join(rows), digest_size=16).hexdigest()


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()


def _check_columns(evaluate: Evaluate, columns: Sequence[str]) -> None:
    inputs = [evaluate.input] if isinstance(evaluate.input, str) else evaluate.input or ()
    for column in (evaluate.label, evaluate.id, *inputs):
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


def whole(label: Any) -> Any:
    """Return a whole number as one: a label of 1.0 is the label 1."""
    return int(label) if isinstance(label, float) and label.is_integer() else label


def _input(row: Row, columns: str | tuple[str, ...]) -> Any:
    return row[columns] if isinstance(columns, str) else {column: row[column] for column in columns}
