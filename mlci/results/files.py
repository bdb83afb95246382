"""Write `results.json`, and read one that may come from anywhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.errors import UsageError, Where
from mlci.results.model import SCHEMA, Results

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_BYTES = 32 * 1024 * 1024


def write(path: Path, results: Results) -> None:
    """Write `results` as JSON, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(dumps(results) + "\n", encoding="utf-8")
    temporary.replace(path)


def dumps(results: Results) -> str:
    """Return `results` as JSON text; numbers that JSON has no words for are written as texts."""
    return json.dumps(_plain(asdict(results)), indent=1, ensure_ascii=False, allow_nan=False, default=str)


def read(path: Path) -> Results:
    """Read and check a file of results.

    Raises:
        UsageError: it cannot be read, is too large, is no results file, or is of a newer schema.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=Where(path=str(path))) from error
    return loads(raw, str(path))


def loads(raw: bytes, name: str) -> Results:
    """Check the bytes of a results file called `name`; errors as `read`."""
    from pydantic import ValidationError

    if len(raw) > MAX_BYTES:
        raise UsageError(f"larger than {MAX_BYTES // 2**20} MiB, no results of mlci", where=Where(path=name))
    _refuse_newer(raw, name)
    try:
        return adapter().validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"no results of mlci: {first['msg'].lower()}", where=Where(path=name), key=key) from error


def _refuse_newer(raw: bytes, name: str) -> None:
    try:
        head = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UsageError("not JSON", where=Where(path=name), fix="Is it the `results.json` of a run?") from error
    if not isinstance(head, dict) or not isinstance(head.get("schema"), int):
        raise UsageError("no results of mlci: it has no `schema`", where=Where(path=name))
    if head["schema"] > SCHEMA:
        raise UsageError(
            f"written in schema {head['schema']}, this mlci reads up to {SCHEMA}",
            where=Where(path=name),
            fix=f'Install the version that wrote it: pip install "mlci=={head.get("mlci")}".',
        )


@cache
def adapter() -> TypeAdapter[Results]:
    """What checks plain values against the model of the results, and writes its JSON Schema."""
    from pydantic import TypeAdapter

    return TypeAdapter(Results)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - NaN
        return str(value)
    return value
