"""What a model would be asked by behaviour suites, for a system of one's own to answer: written out and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun, MlciError, Where, did_you_mean
from mlci.model.behaviour.cases import Cases, key_of
from mlci.model.behaviour.report import IMAGES
from mlci.model.behaviour.run import different_inputs
from mlci.model.predictions import Prediction, normalise
from mlci.model.rows import read_rows

_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Every different input, in order, under ids that belong to these inputs and no others."""

    inputs: tuple[Any, ...]
    fingerprint: str
    """A digest of all inputs: the first part of every id."""

    @property
    def ids(self) -> list[str]:
        """The id of each input."""
        return [f"{self.fingerprint}-{at + 1}" for at in range(len(self.inputs))]


def asked_of(built: Sequence[Cases | MlciError]) -> Asked:
    """Return the inputs of all tests; the fingerprint does not depend on where changed images lie."""
    inputs = tuple(different_inputs(built))
    digest = hashlib.blake2b(digest_size=4)
    for one in inputs:
        text = json.dumps(one, sort_keys=True, default=str)
        digest.update(text.rpartition(f"{IMAGES}/")[2].encode() + b"\0")
    return Asked(inputs=inputs, fingerprint=f"s{digest.hexdigest()}")


def write_inputs(asked: Asked, path: Path) -> None:
    """Write JSON lines of `id` and `input`; raise `CannotRun` where the file cannot be written."""
    lines = (json.dumps(pair, ensure_ascii=False, default=str) for pair in _pairs(asked))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"cannot be written: {error.strerror}", where=Where(path=str(path))) from None


def _pairs(asked: Asked) -> Iterator[dict[str, Any]]:
    for name, value in zip(asked.ids, asked.inputs, strict=True):
        yield {"id": name, "input": value}


def read_answers(
    asked: Asked, path: Path, *, shown: str, column: str = "prediction", probability: str = "probability_"
) -> dict[Hashable, Prediction]:
    """Read predictions by id out of JSON lines, CSV or Parquet, and return that of each input.

    A line of JSON has `id` and `prediction` (a label, a number, or `{label, probabilities}`), or `id`, `label` and
    `probabilities`. A table has the columns `id` and `prediction`, and one for each class that begins with
    `probability`. Raises `CannotRun` unless every input has exactly one prediction, made for these inputs.
    """
    where = Where(path=shown)
    lines = path.suffix.lower() in (".jsonl", ".ndjson")
    found = _from_lines(path, shown) if lines else _from_table(path, shown, column, probability)
    names, said = [name for name, _ in found], [one for _, one in found]
    _check_ids(asked, names, where)
    by_id = dict(zip(names, said, strict=True))
    predictions = normalise(
        [by_id[name] for name in asked.ids],
        expected=len(asked.inputs),
        named=lambda at: f"the prediction for {asked.ids[at]}",
        said_by=shown,
    )
    return dict(zip(map(key_of, asked.inputs), predictions, strict=True))


def _check_ids(asked: Asked, names: Sequence[str], where: Where) -> None:
    known, given = set(asked.ids), set(names)
    strange = [name for name in names if name not in known]
    made_for = {name.rpartition("-")[0] for name in strange}
    if strange and not given & known and all(len(one) == len(asked.fingerprint) and one[:1] == "s" for one in made_for):
        raise CannotRun(
            f"the predictions are for other inputs ({_some(sorted(made_for))}): the suite, its data or its seed have "
            f"changed since, and now make {asked.fingerprint}",
            where=where, fix="Export the inputs again.",
        )  # fmt: skip
    if strange:
        raise CannotRun(f"{len(strange)} ids are of no input: {_some(strange)}", where=where)
    if len(given) < len(names):
        seen: set[str] = set()
        twice = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
        raise CannotRun(f"{len(twice)} ids are given twice: {_some(twice)}", where=where)
    if missing := [name for name in asked.ids if name not in given]:
        raise CannotRun(
            f"there is no prediction for {len(missing)} of {len(asked.inputs)} inputs: {_some(missing)}", where=where
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _from_lines(path: Path, shown: str) -> list[tuple[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise CannotRun(f"cannot be read: {error.strerror}", where=Where(path=shown)) from None
    except UnicodeDecodeError:
        raise CannotRun("is not UTF-8", where=Where(path=shown)) from None
    return [_from_line(line, Where(path=shown, line=at + 1)) for at, line in enumerate(lines) if line.strip()]


def _from_line(line: str, where: Where) -> tuple[str, Any]:
    try:
        read = json.loads(line)
    except ValueError:
        raise CannotRun("is not JSON", where=where) from None
    if not isinstance(read, Mapping) or not isinstance(read.get("id"), str):
        raise CannotRun("has no `id`", where=where, fix="Take it from the line of the input.")
    if "prediction" in read:
        return read["id"], read["prediction"]
    if "label" in read:
        return read["id"], {key: read[key] for key in ("label", "probabilities") if key in read}
    raise CannotRun("has neither `prediction` nor `label`", where=where)


def _from_table(path: Path, shown: str, column: str, probability: str) -> list[tuple[str, Any]]:
    read = read_rows(path, shown=shown)
    for needed in ("id", column):
        if needed not in read.columns:
            advice = did_you_mean(needed, read.columns) or f"it has {', '.join(read.columns[:20])}."
            raise CannotRun(f'there is no column "{needed}"', where=Where(path=shown), fix=advice)
    classes = [name for name in read.columns if name.startswith(probability) and name not in ("id", column)]
    return [(str(row["id"]), _of_row(row, column, classes, probability)) for row in read.rows]


def _of_row(row: Mapping[str, Any], column: str, classes: Sequence[str], probability: str) -> Any:
    if not classes:
        return row[column]
    return {"label": row[column], "probabilities": {name.removeprefix(probability): row[name] for name in classes}}
