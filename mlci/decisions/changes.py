"""A comparison with other changes in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlci.results.model import Change, Comparison, worst


def with_changes(comparison: Comparison, changes: Sequence[Change]) -> Comparison:
    """Return the comparison with these changes, and the status and reason that follow from them."""
    status = worst(change.status for change in changes)
    reason = next((change.reason for change in changes if change.status == status), None)
    return replace(comparison, changes=tuple(changes), status=status, reason=reason)
