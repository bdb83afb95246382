"""The file store: a JSON file of aggregates, committed in git and read at the merge-base."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.baselines.model import SCHEMA, Stored
from mlci.code.record import CodeRecord, from_plain, to_plain
from mlci.errors import UsageError, Where
from mlci.results.model import Results

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_MOST_TESTS = 20_000
"""The tests of a project with more are not kept in a file that is committed."""
_LEFT_OUT = ("max_drop", "severity")  # rules are the configuration's, not the baseline's


def of(results: Results, *, new_level: bool = False) -> Stored:
    """Return what the store keeps of `results`; with `new_level`, runs before it are of another level."""
    return Stored(
        schema=SCHEMA,
        mlci=results.mlci,
        created=results.started,
        commit=results.commit,
        metrics=results.metrics,
        fingerprints=results.fingerprints,
        profiles=results.profiles,
        trainings=results.trainings,
        new_level=new_level,
    )


def dumps(stored: Stored, code: CodeRecord | None = None) -> str:
    """Return the text of the file: sorted and one number a line, so that git's differences read well.

    Of the code gate it holds how each test ended and the counts of each file.
    """
    plain = asdict(stored)
    profiles, trainings = plain.pop("profiles"), plain.pop("trainings")
    if not plain["new_level"]:
        del plain["new_level"]
    plain["metrics"] = [
        {key: value for key, value in metric.items() if value is not None and key not in _LEFT_OUT}
        for metric in plain["metrics"]
    ]
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text.removesuffix('}').rstrip()}{_trainings(trainings)}{_profiles(profiles)}{_code(code)}\n}}\n"


def _trainings(trainings: Mapping[str, Any]) -> str:
    """Return the trainings of each model, one a line; nothing where there are none."""
    models = []
    for name, each in trainings.items():
        lines = ",\n".join(f"   {_json(one)}" for one in each)
        models.append(f"  {_json(name)}: [\n{lines}\n  ]")
    inner = ",\n".join(models)
    return f',\n "trainings": {{\n{inner}\n }}' if models else ""


def _profiles(profiles: Mapping[str, Any]) -> str:
    """Return the last part of the file, one column a line; nothing where there is no profile."""
    tables = []
    for name, profile in profiles.items():
        told = (
            (column, {key: value for key, value in found.items() if _says_something(value)})
            for column, found in profile["columns"].items()
        )
        columns = ",\n".join(f"   {_json(column)}: {_json(found)}" for column, found in told)
        tables.append(f'  {_json(name)}: {{"rows": {profile["rows"]}, "columns": {{\n{columns}\n  }}}}')
    inner = ",\n".join(tables)
    return f',\n "profiles": {{\n{inner}\n }}' if tables else ""


def _code(code: CodeRecord | None) -> str:
    """Return the tests and the files of the code gate, one a line; times are rounded, so that most stay as they are."""
    if code is None or len(code.tests) > _MOST_TESTS:
        return ""
    parts = []
    for part, entries in to_plain(code).items():
        lines = ",\n".join(f"   {_json(name)}: {_json(_rounded(found))}" for name, found in sorted(entries.items()))
        parts.append(f"  {_json(part)}: {{\n{lines}\n  }}" if lines else f"  {_json(part)}: {{}}")
    inner = ",\n".join(parts)
    return f',\n "code": {{\n{inner}\n }}'


def _rounded(found: list[Any]) -> list[Any]:
    return [round(each, 1) if isinstance(each, float) else each for each in found]


def _says_something(value: Any) -> bool:
    return value is not None and (isinstance(value, int | float) or len(value) > 0)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def loads(raw: bytes, name: str) -> Stored:
    """Read the bytes of a baseline file called `name`.

    Raises:
        UsageError: it is no baseline, or one of a newer mlci.
    """
    from pydantic import ValidationError

    try:
        head: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UsageError("not JSON", where=Where(path=name), fix=_AGAIN) from error
    schema = head.get("schema") if isinstance(head, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        fix = f'Install it: pip install "mlci=={head.get("mlci")}".'
        raise UsageError(f"written in schema {schema} by a newer mlci", where=Where(path=name), fix=fix)
    try:
        return _adapter().validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"no baseline: {first['msg'].lower()}", where=Where(path=name), key=key, fix=_AGAIN) from error


def code_of(raw: bytes, name: str) -> CodeRecord | None:
    """Return what the baseline file called `name` holds of the code gate; `raw` was read by `loads` before.

    Raises:
        UsageError: it is not in the form that mlci writes.
    """
    found = json.loads(raw).get("code")
    if found is None:
        return None
    try:
        return from_plain(found)
    except (ValueError, AttributeError) as error:
        raise UsageError(f"no baseline: `code` is damaged: {error}", where=Where(path=name), fix=_AGAIN) from error


def write(path: Path, stored: Stored, code: CodeRecord | None = None) -> None:
    """Write the file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(dumps(stored, code))
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


_AGAIN = "Write it again with `mlci baseline save`."


@cache
def _adapter() -> TypeAdapter[Stored]:
    from pydantic import TypeAdapter

    return TypeAdapter(Stored)
