"""What a paired store keeps of a run: aggregates, predictions of each model, outcomes of behaviour cases and of tests.

It is one zip file. Whoever reads one treats it as untrusted: it may come out of a bucket or an artifact.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from mlci import __version__
from mlci.baselines import archive, file, rows
from mlci.baselines.archive import RefusedError
from mlci.baselines.model import SCHEMA as STORED_SCHEMA
from mlci.baselines.model import Computed, Stored
from mlci.code.record import CodeRecord, from_plain, to_plain
from mlci.errors import UsageError
from mlci.model.behaviour.outcomes import Outcomes, TestOutcomes
from mlci.model.paired import Predicted
from mlci.results.model import Metric
from mlci.results.training import Training
from mlci.statistics.comparison import ByExample

NAME = "baseline.zip"
"""What the file is called where nothing else names it."""
FORMAT = "mlci-baseline"
SCHEMA = 1
_BASELINE = "baseline.json"
_BEHAVIOUR = "behaviour.json"
_HISTORY = "history.json"
_CODE = "code.json"
MOST_PAST = 20
"""So many runs before it are kept with a baseline."""
_SIGNS = frozenset("01-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a bundle must be: of this project and leg and, where the store says which, of this commit."""

    project: str
    leg: str | None = None
    commit: str | None = None


def dumps(computed: Computed, *, project: str, leg: str | None = None) -> bytes:
    """Return the bundle of a run of `project`, or of a leg of it."""
    stored = computed.stored
    parts = {_BASELINE: file.dumps(stored).encode("utf-8", "surrogatepass")}
    models: dict[str, Any] = {}
    for name, said in computed.predicted.items():
        if said.columns:
            part = f"predictions-{len(models)}.parquet"
            footer = {
                "fingerprint": stored.fingerprints[f"model.{name}.evaluate"],
                "metric-code": stored.fingerprints[f"model.{name}.metric-code"],
                "rows": len(next(iter(said.columns.values()))),
                "commit": stored.commit,
                "seed": said.seed,
            }
            parts[part] = rows.dumps(said, footer)
            models[name] = {"file": part, "values": _values(said)}
    behaviour = {name: _plain(said.suites) for name, said in computed.predicted.items() if said.suites}
    if behaviour:
        parts[_BEHAVIOUR] = json.dumps(behaviour).encode()
    if computed.history:
        parts[_HISTORY] = json.dumps({"runs": [_past(one) for one in computed.history[:MOST_PAST]]}).encode()
    if computed.code is not None:
        parts[_CODE] = json.dumps(to_plain(computed.code)).encode()
    head = {
        "format": FORMAT,
        "schema": SCHEMA,
        "mlci": __version__,
        "project": project,
        **({} if leg is None else {"leg": leg}),
        "commit": stored.commit,
        "created": stored.created,
        "models": models,
    }
    return archive.pack(head, parts)


def _past(stored: Stored) -> dict[str, Any]:
    """Return what is kept of a run before: its numbers and trainings, and what they were computed on."""
    values = {metric.name: metric.value for metric in stored.metrics if metric.slice is None}
    return {
        "commit": stored.commit,
        "created": stored.created,
        "mlci": stored.mlci,
        "values": values,
        "slices": [[one.name, one.slice, one.value] for one in stored.metrics if one.slice is not None],
        "trainings": {name: [asdict(one) for one in each] for name, each in stored.trainings.items()},
        "fingerprints": dict(stored.fingerprints),
        "new-level": stored.new_level,
    }


def _values(said: Predicted) -> dict[str, Any]:
    return {name: [value.column, value.higher_is_better] for name, value in said.values.items()}


def _plain(suites: Mapping[str, Outcomes]) -> dict[str, Any]:
    return {
        prefix: {test: [one.fingerprint, one.signs] for test, one in tests.items()} for prefix, tests in suites.items()
    }


def loads(raw: bytes, expected: Expected) -> Computed:
    """Read a bundle.

    Raises:
        RefusedError: it is damaged, of a newer mlci, of another project or commit, or holds what no bundle holds.
    """
    head, parts = archive.unpack(raw)
    _refuse_foreign(head, expected)
    stored = _stored(parts)
    if stored.commit != head.get("commit"):
        raise RefusedError("its parts are of two commits")
    suites = _suites(parts)
    predicted = {name: _predicted(entry, parts, stored, name) for name, entry in _models(head).items()}
    for name, found in suites.items():
        said = predicted.get(name) or Predicted(columns={}, slices={}, positive=None, stored=True)
        predicted[name] = replace(said, suites=found)
    return Computed(stored=stored, predicted=predicted, history=_history(parts), code=_code(parts))


def _refuse_foreign(head: Mapping[str, Any], expected: Expected) -> None:
    schema = head.get("schema")
    if head.get("format") != FORMAT or type(schema) is not int:
        raise RefusedError("it is no baseline of mlci")
    if schema > SCHEMA:
        raise RefusedError(f'it is of schema {schema}: install the mlci that wrote it, "mlci=={head.get("mlci")}"')
    if head.get("project") != expected.project:
        raise RefusedError(f'it is of the project "{head.get("project")}", not of "{expected.project}"')
    if head.get("leg") != expected.leg:
        raise RefusedError(f"it is of {_leg(head.get('leg'))}, not of {_leg(expected.leg)}")
    if expected.commit is not None and head.get("commit") != expected.commit:
        raise RefusedError(f"it says that it is of another commit, {str(head.get('commit'))[:10]}")


def _leg(name: object) -> str:
    return "a run that is no leg" if name is None else f'the leg "{name}"'


def _stored(parts: Mapping[str, bytes]) -> Stored:
    if _BASELINE not in parts:
        raise RefusedError(f"it has no {_BASELINE}")
    try:
        return file.loads(parts[_BASELINE], _BASELINE)
    except UsageError as error:
        raise RefusedError(error.says) from error


def _models(head: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    models = head.get("models")
    if not isinstance(models, dict) or not all(isinstance(entry, dict) for entry in models.values()):
        raise RefusedError("its manifest names no models")
    return models


def _predicted(entry: Mapping[str, Any], parts: Mapping[str, bytes], stored: Stored, name: str) -> Predicted:
    part, values = entry.get("file"), entry.get("values")
    if not isinstance(part, str) or part not in parts or not isinstance(values, dict):
        raise RefusedError(f"the predictions of {name} are missing in it")
    columns, footer = rows.loads(parts[part])
    if footer.get("fingerprint") != stored.fingerprints.get(f"model.{name}.evaluate"):
        raise RefusedError(f"the predictions of {name} in it are of other examples than its numbers")
    own = {metric: _own(value) for metric, value in values.items()}
    if not {one.column for one in own.values()} <= set(columns):
        raise RefusedError(f"values of {name} are missing in it")
    seed = footer.get("seed")
    if not (seed is None or type(seed) is int):
        raise RefusedError(f"the seed of {name} in it is no number")
    return Predicted(columns=columns, slices={}, positive=None, values=own, stored=True, seed=seed)


def _own(value: Any) -> ByExample:
    match value:
        case [str(column), bool(higher)]:
            return ByExample(column=column, higher_is_better=higher)
    raise RefusedError("its manifest is not in the form that mlci writes")


def _suites(parts: Mapping[str, bytes]) -> dict[str, dict[str, Outcomes]]:
    if _BEHAVIOUR not in parts:
        return {}
    found: dict[str, dict[str, Outcomes]] = {}
    for model, suites in archive.parsed(parts[_BEHAVIOUR], _BEHAVIOUR).items():
        if not isinstance(suites, dict) or not all(isinstance(tests, dict) for tests in suites.values()):
            raise RefusedError(f"its {_BEHAVIOUR} is not in the form that mlci writes")
        found[model] = {
            prefix: {name: _outcomes(one) for name, one in tests.items()} for prefix, tests in suites.items()
        }
    return found


def _outcomes(value: Any) -> TestOutcomes:
    match value:
        case [str(fingerprint), str(signs)] if set(signs) <= _SIGNS:
            return TestOutcomes(fingerprint=fingerprint, signs=signs)
    raise RefusedError(f"its {_BEHAVIOUR} is not in the form that mlci writes")


def _code(parts: Mapping[str, bytes]) -> CodeRecord | None:
    if _CODE not in parts:
        return None
    try:
        return from_plain(archive.parsed(parts[_CODE], _CODE))
    except ValueError as error:
        raise RefusedError(f"its {_CODE} is not in the form that mlci writes") from error


def _history(parts: Mapping[str, bytes]) -> tuple[Stored, ...]:
    if _HISTORY not in parts:
        return ()
    runs = archive.parsed(parts[_HISTORY], _HISTORY).get("runs")
    if not isinstance(runs, list) or len(runs) > MOST_PAST:
        raise _odd_history()
    return tuple(_run(one) for one in runs)


def _run(value: Any) -> Stored:
    match value:
        case {"commit": str() | None as commit, "created": str(created), "mlci": str(mlci), "values": dict(values)}:
            prints = value.get("fingerprints", {})
            if not isinstance(prints, dict) or not all(isinstance(one, str) for one in prints.values()):
                raise _odd_history()
            return Stored(
                schema=STORED_SCHEMA,
                mlci=mlci,
                created=created,
                commit=commit,
                metrics=(*_numbers([[name, None, one] for name, one in values.items()]), *_sliced(value)),
                fingerprints=prints,
                trainings=_trainings(value.get("trainings", {})),
                new_level=value.get("new-level") is True,
            )
    raise _odd_history()


def _sliced(value: Mapping[str, Any]) -> Iterator[Metric]:
    found = value.get("slices", [])
    if not isinstance(found, list):
        raise _odd_history()
    return _numbers(found)


def _numbers(values: Iterable[Any]) -> Iterator[Metric]:
    for each in values:
        match each:
            case [str(name), str() | None as part, (int() | float()) as one] if not isinstance(
                one, bool
            ) and math.isfinite(one):
                yield Metric(name=name, slice=part, value=float(one))
            case _:
                raise _odd_history()


def _trainings(value: Any) -> Mapping[str, tuple[Training, ...]]:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(dict[str, tuple[Training, ...]]).validate_json(json.dumps(value), strict=True)
    except (ValidationError, ValueError) as error:
        raise _odd_history() from error


def _odd_history() -> RefusedError:
    return RefusedError(f"its {_HISTORY} is not in the form that mlci writes")
