"""Data: reading it, and validating it against expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlci.data.validation import ExpectationResult, ValidationResult, validate

__all__ = ["ExpectationResult", "ValidationResult", "validate"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from mlci.data import validation as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
