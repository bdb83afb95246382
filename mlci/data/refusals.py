"""What an engine says when it cannot compute something, as an error for the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlci.errors import CannotRun, MlciError
from mlci.expectations.columns import CannotJudge


@contextmanager
def refusals(engine: str) -> Iterator[None]:
    """Turn whatever the engine raises inside into `CannotRun` with its first line."""
    try:
        yield
    except (MlciError, CannotJudge):
        raise
    except Exception as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise CannotRun(f"{engine} cannot compute it: {said}") from error
