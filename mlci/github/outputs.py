"""The outputs of the action, as texts: pure functions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from mlci.reports.findings import verdict
from mlci.results.model import Metric, Results, worst

COVERAGE = "code.coverage.total"
_MAX_METRICS = 256 * 1024


def values_of(results: Results) -> Mapping[str, str]:
    """Return `verdict`, `passed`, each gate's `<gate>-status`, `coverage` and `metrics` (JSON, by dotted name)."""
    ended = verdict(results)
    statuses = {
        gate.name: worst(one.status for one in results.gates if one.name == gate.name) for gate in results.gates
    }
    return {
        "verdict": ended,
        "passed": "true" if ended == "passed" else "false",
        **{f"{name}-status": status for name, status in statuses.items()},
        "coverage": _coverage(results),
        "metrics": _metrics(results),
    }


def _coverage(results: Results) -> str:
    """Return the smallest total coverage of all legs in percent, cut to two decimals as the gate does; or nothing."""
    found = [one.value for one in results.metrics if one.slice is None and one.name.rpartition("/")[2] == COVERAGE]
    return f"{math.floor(min(found) * 100) / 100:.2f}" if found and math.isfinite(min(found) * 100) else ""


def _metrics(results: Results) -> str:
    """Return every metric as one JSON object; slices are left out when it grows too large, and then everything."""
    for kept in (results.metrics, [one for one in results.metrics if one.slice is None], []):
        text = json.dumps({_key(one): one.value if math.isfinite(one.value) else None for one in kept})
        if len(text) <= _MAX_METRICS:
            return text
    return "{}"


def _key(metric: Metric) -> str:
    return f"{metric.name} [{metric.slice}]" if metric.slice else metric.name
