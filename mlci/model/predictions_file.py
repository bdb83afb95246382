"""Predictions that were made already, joined to the examples by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.config.models import Model
from mlci.errors import CannotRun, Where, did_you_mean
from mlci.model.evaluation import Evaluation
from mlci.model.predictions import Prediction, normalise
from mlci.model.rows import Row, Rows, read_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """A prediction for each example, in their order."""

    predictions: tuple[Prediction, ...]
    surplus: int = 0
    """Predictions for ids that no example has."""


def joined(model: Model, evaluation: Evaluation, *, root: Path) -> Joined:
    """Read the predictions file and join it; raise `CannotRun` unless every example has exactly one prediction."""
    shown = model.predictions or ""
    where = Where(path=shown)
    read = read_rows(root / shown, shown=shown)
    _need(read, model.prediction, where)
    by_id = _by_id(read, model, where, len(evaluation))
    missing = [one for one in evaluation.ids if one not in by_id]
    if missing:
        raise CannotRun(
            f"there is no prediction for {len(missing)} of {len(evaluation)} examples of {evaluation.shown}",
            where=where, fix=_kinds(missing[0], by_id),
        )  # fmt: skip
    rows = [by_id[one] for one in evaluation.ids]
    raw = (
        _with_probabilities(rows, read, model, evaluation)
        if model.probability
        else [row[model.prediction] for row in rows]
    )
    predictions = normalise(raw, expected=len(rows), named=lambda at: f"the prediction for example {at + 1}")
    return Joined(predictions=predictions, surplus=len(by_id) - len(rows))


def _by_id(read: Rows, model: Model, where: Where, examples: int) -> Mapping[Any, Row]:
    column = None if model.evaluate is None else model.evaluate.id
    if column is None:
        if len(read.rows) != examples:
            raise CannotRun(
                f"it has {len(read.rows)} predictions for {examples} examples, and nothing says which is whose",
                where=where, fix="Name the column that both files have with `evaluate: {id: …}`.",
            )  # fmt: skip
        return {at + 1: row for at, row in enumerate(read.rows)}
    _need(read, column, where)
    found = {row[column]: row for row in read.rows}
    if len(found) < len(read.rows):
        raise CannotRun(f'{len(read.rows) - len(found)} ids in the column "{column}" are given twice', where=where)
    return found


def _need(read: Rows, column: str, where: Where) -> None:
    if column not in read.columns:
        advice = did_you_mean(column, read.columns) or f"it has {', '.join(read.columns[:20])}."
        raise CannotRun(f'there is no column "{column}"', where=where, fix=advice)


def _kinds(wanted: Any, found: Mapping[Any, Row]) -> str:
    """Say where ids do not meet because one file holds numbers and the other texts."""
    other = next(iter(found), wanted)
    if isinstance(other, str) != isinstance(wanted, str):
        return "(the ids of one file are texts, those of the other numbers)"
    return ""


def _with_probabilities(rows: Sequence[Row], read: Rows, model: Model, evaluation: Evaluation) -> list[dict[str, Any]]:
    classes = _classes(read, model, evaluation)
    labels = [row[model.prediction] for row in rows]
    return [
        {"label": label, "probabilities": {name: share(row) for name, share in classes.items()}}
        for label, row in zip(labels, rows, strict=True)
    ]


def _classes(read: Rows, model: Model, evaluation: Evaluation) -> Mapping[Any, Any]:
    """Return what finds the probability of each class in a row."""
    column = model.probability or ""
    if column not in read.columns:
        named = [name for name in read.columns if name.startswith(column) and name != model.prediction]
        if not named:
            raise CannotRun(
                f'there is no column "{column}", and none begins so', where=Where(path=model.predictions or "")
            )
        return {name.removeprefix(column): _cell(name) for name in named}
    classes = sorted({*evaluation.labels, *(row[model.prediction] for row in read.rows)})
    if len(classes) != 2:  # noqa: PLR2004 - one probability tells of two classes
        raise CannotRun(
            f'one column of probabilities ("{column}") is for two labels, and there are {len(classes)}',
            where=Where(path=model.predictions or ""), fix="give the prefix of one column a class.",
        )  # fmt: skip
    positive = classes[1] if model.positive is None else model.positive
    negative = next(one for one in classes if one != positive)
    return {positive: _cell(column), negative: lambda row: None if row[column] is None else 1 - row[column]}


def _cell(column: str) -> Any:
    return lambda row: row[column]
