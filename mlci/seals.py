"""Seals of metrics files: what a run wrote, so that a number which was edited by hand can be told.

A seal is a file beside the other, with the digest of its values, made in the job that computes them. It shows an edit,
as a checksum does; it is no proof against somebody who seals anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlci import __version__
from mlci.documents import read
from mlci.errors import CannotRun, MlciError, Where
from mlci.git import find

SUFFIX = ".seal"
_SCHEMA = 1


def seal_of(path: Path) -> Path:
    """Return where the seal of a file lies."""
    return path.with_name(path.name + SUFFIX)


def sealed(path: Path, name: str) -> Path:
    """Write the seal of the JSON or YAML file at `path`, which messages call `name`, and return where it lies.

    Raises:
        CannotRun: the file or its seal cannot be read or written.
    """
    repository = find(path.parent)
    seal = {
        "schema": _SCHEMA,
        "mlci": __version__,
        "sha256": _digest(path, name),
        "commit": repository.commit("HEAD") if repository else None,
        "sealed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    place = seal_of(path)
    try:
        place.write_text(json.dumps(seal, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"cannot be written: {error.strerror}", where=Where(path=f"{name}{SUFFIX}")) from error
    return place


def broken(path: Path, name: str) -> str | None:
    """Return why the seal of a file does not hold, None where it does.

    Raises:
        CannotRun: the file cannot be read.
    """
    try:
        seal = json.loads(seal_of(path).read_text("utf-8"))
    except (OSError, ValueError):
        return f"its seal {name}{SUFFIX} cannot be read"
    if not isinstance(seal, Mapping) or seal.get("schema") != _SCHEMA:
        return f"its seal {name}{SUFFIX} is none that this version of mlci knows"
    if seal.get("sha256") == _digest(path, name):
        return None
    commit = seal.get("commit")
    at = f" at {commit[:10]}" if isinstance(commit, str) else ""
    return f"its numbers are not those that the run{at} wrote: it was edited since"


def _digest(path: Path, name: str) -> str:
    """Return the digest of the values in a file: not of its layout, nor of the order of its keys."""
    try:
        value: Any = read(path.read_bytes(), name).value
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=True, default=str)
    except OSError as error:
        raise CannotRun(f"cannot be read: {error.strerror}", where=Where(path=name)) from error
    except (MlciError, TypeError, ValueError) as error:
        raise CannotRun(f"cannot be read as JSON or YAML: {error}", where=Where(path=name)) from error
    return hashlib.sha256(text.encode()).hexdigest()
