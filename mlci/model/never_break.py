"""`never-break`: examples that must be predicted right, each of them, whatever the metrics say."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlci.config.models import Evaluate, Model
from mlci.errors import CannotRun, Where, did_you_mean
from mlci.model.behaviour.report import slug_of
from mlci.model.evaluation import Evaluation, input_columns, whole
from mlci.model.predictions import Prediction
from mlci.model.rows import Row, Rows, read_rows
from mlci.numbers import count
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.model.subject import Subject

Ask = Callable[[Sequence[Any]], Sequence[Prediction]]

FOLDER = "never-break"
_NAMED = 20
_SHOWN = 5
_COLUMNS = ("row", "example", "expected", "predicted")


class Protected(NamedTuple):
    """One example, where it stands in its file (from 1), and what was predicted of it."""

    row: int
    example: Any
    """Its id, or its input."""
    expected: Any
    predicted: Any

    @property
    def right(self) -> bool:
        """Whether it is predicted right."""
        return bool(self.expected == self.predicted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """The protected examples of a model, and the rows whose ids no example has."""

    examples: tuple[Protected, ...]
    unknown: tuple[int, ...] = ()


def never_break(
    subject: Subject, evaluation: Evaluation, predictions: Sequence[Prediction], ask: Ask
) -> Iterator[Check]:
    """Yield the check of the protected examples, and one that could not run where ids are of no example."""
    model = subject.model
    if model.never_break is None or model.evaluate is None:
        return
    shown = model.never_break
    try:
        read = read_rows(subject.context.root / shown, shown=shown)
        looked = look(read, model, evaluation, predictions, ask)
    except CannotRun as error:
        yield subject.errored("never-break", error, f"the examples of {shown} could not be looked at", "never-break")
        return
    if looked.unknown:
        yield _unknown(subject, looked.unknown, evaluation)
    yield _judged(subject, looked.examples, total=len(read.rows))


def look(read: Rows, model: Model, evaluation: Evaluation, predictions: Sequence[Prediction], ask: Ask) -> Looked:
    """Return what is predicted of the examples in `read`: inputs with labels, which are asked about, or ids."""
    evaluate = model.evaluate or Evaluate(data="")
    inputs = input_columns(evaluate, read.columns)
    needed = [inputs] if isinstance(inputs, str) else list(inputs)
    has_inputs = evaluate.label in read.columns and bool(needed) and set(needed) <= set(read.columns)
    if has_inputs and (evaluate.input is not None or _has_rows_inputs(evaluation, needed)):
        return _by_input(read, evaluate.label, inputs, model, ask)
    key = evaluate.id or next((name for name in ("id", "row") if name in read.columns), None)
    if key is None or key not in read.columns:
        wanted = key or "id"
        advice = did_you_mean(wanted, read.columns) or f'Name ids in a column "{wanted}", or give inputs with labels.'
        raise CannotRun(
            "it has neither ids nor inputs with labels", where=Where(path=model.never_break or ""), fix=advice
        )
    return _by_id(read, key, evaluation, predictions)


def _has_rows_inputs(evaluation: Evaluation, columns: Sequence[str]) -> bool:
    """Whether `columns` are those that the model is given where it is given whole rows."""
    first = evaluation.inputs[0] if evaluation.inputs else None
    return isinstance(first, Mapping) and set(first) == set(columns)


def _by_input(read: Rows, label: str, inputs: str | tuple[str, ...], model: Model, ask: Ask) -> Looked:
    where = Where(path=model.never_break or "")
    if not model.answers:
        raise CannotRun("a file of predictions has no new answers", where=where, fix="Protect ids instead.")
    values = [_input(row, inputs) for row in read.rows]
    said = ask(values) if values else ()
    return Looked(
        examples=tuple(
            Protected(at, value, _expected(row[label], at, where), prediction.label)
            for at, (row, value, prediction) in enumerate(zip(read.rows, values, said, strict=True), 1)
        )
    )


def _by_id(read: Rows, key: str, evaluation: Evaluation, predictions: Sequence[Prediction]) -> Looked:
    known = {one: at for at, one in enumerate(evaluation.ids)}
    found, unknown = [], []
    for row, values in enumerate(read.rows, 1):
        at = known.get(values[key])
        if at is None:
            unknown.append(row)
        else:
            found.append(Protected(row, values[key], evaluation.labels[at], predictions[at].label))
    return Looked(examples=tuple(found), unknown=tuple(unknown))


def _input(row: Row, columns: str | tuple[str, ...]) -> Any:
    return row[columns] if isinstance(columns, str) else {column: row[column] for column in columns}


def _expected(value: Any, row: int, where: Where) -> Any:
    if value is None:
        raise CannotRun(f"row {row} has no label", where=where)
    return whole(value)


def _unknown(subject: Subject, rows: Sequence[int], evaluation: Evaluation) -> Check:
    shown = subject.model.never_break
    said = (
        f"{count(len(rows), 'id')} of {shown} {'is' if len(rows) == 1 else 'are'} of no example in {evaluation.shown}"
    )
    return Check(
        id=f"model.{subject.name}.never-break.missing",
        status="errored",
        summary=said,
        reason=f"{said}: {_rows(rows)}",
        where=subject.where("never-break"),
        details={"rows": list(rows[:_NAMED])},
    )


def _judged(subject: Subject, examples: Sequence[Protected], *, total: int) -> Check:
    shown, where = subject.model.never_break, subject.where("never-break")
    name = f"model.{subject.name}.never-break"
    if not examples:
        why = f"nothing was checked: {shown} " + ("names no example" if not total else "names none that is known")
        return Check(id=name, status="failed", summary=why, reason=why, where=where)
    wrong = [one for one in examples if not one.right]
    if not wrong:
        said = f"{count(len(examples), 'protected example')} predicted right"
        return Check(id=name, status="passed", summary=said, where=where, details={"n": len(examples)})
    said = f"{len(wrong)} of {count(len(examples), 'protected example')} predicted wrong"
    values = subject.context.config.show_values
    named = _joined([f"`{one.example}`" for one in wrong]) if values else _rows([one.row for one in wrong])
    details = {
        "n": len(examples),
        "rows": [one.row for one in wrong[:_NAMED]],
        "examples": [dict(zip(_COLUMNS, one, strict=True)) for one in wrong[:_SHOWN]],
        "file": _write(subject.context.out / FOLDER / f"{slug_of(subject.name)}.csv", wrong),
    }
    reason = f"{said}: {named} of {shown}"
    return Check(id=name, status="failed", summary=said, reason=reason, where=where, details=details)


def _write(path: Path, wrong: Sequence[Protected]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(wrong)
    return f"{FOLDER}/{path.name}"


def _rows(rows: Sequence[int]) -> str:
    return f"row{'s' * (len(rows) > 1)} {_joined([str(row) for row in rows])}"


def _joined(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
