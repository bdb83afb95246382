"""The actions of a checkpoint: what Great Expectations does with results once it has them; none is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlci.data.great_expectations.checkpoints.reading import Checkpoint, mapping
from mlci.data.great_expectations.model import Note

REPORTING = frozenset(
    {
        *("StoreValidationResultAction", "StoreEvaluationParametersAction", "StoreMetricsAction"),
        *("UpdateDataDocsAction", "SlackNotificationAction", "PagerdutyAlertAction", "OpsgenieAlertAction"),
        *("MicrosoftTeamsNotificationAction", "EmailAction", "SNSNotificationAction", "CloudNotificationAction"),
        *("APINotificationAction", "NoOpAction", "DataHubValidationAction", "OpenLineageValidationAction"),
        *("update_data_docs", "slack", "microsoft", "opsgenie", "pagerduty", "email", "sns", "api"),
    }
)
"""Actions that only store or send results."""


def notes_on(checkpoint: Checkpoint, key: str) -> Iterator[Note]:
    """Give a note of those actions in the list at `key` that report, and one of each other."""
    named = [(index, _kind(action)) for index, action in enumerate(checkpoint.document.value.get(key) or ())]
    reporting = [kind for _, kind in named if kind in REPORTING]
    if reporting:
        yield checkpoint.note(
            "actions",
            "skipped",
            f"checkpoint `{checkpoint.name}`: {len(reporting)} action{'s' * (len(reporting) > 1)} not carried out",
            f"{', '.join(reporting)} only store or send results; mlci reports them itself",
            checkpoint.document.where(key),
        )
    for index, kind in named:
        if kind not in REPORTING:
            yield checkpoint.note(
                f"actions.{kind}",
                "skipped",
                f"checkpoint `{checkpoint.name}`: the action {kind} is not carried out",
                f"{kind} is code of the project's own, which mlci does not run",
                checkpoint.document.where(key, index),
            )


def _kind(action: Any) -> str:
    inner = mapping(mapping(action).get("action")) or mapping(action)
    return str(inner.get("class_name") or inner.get("type") or inner.get("name") or "without a type")
