"""The actions of a checkpoint: what Great Expectations does with results once it has them; none is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mlci.data.great_expectations.checkpoints.reading import Checkpoint
from mlci.data.great_expectations.model import Note
from mlci.data.great_expectations.shapes import entries, mapping
from mlci.places import Key

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


def notes_on(checkpoint: Checkpoint, lists: Iterable[tuple[Key, Any]]) -> Iterator[Note]:
    """Give a note of those actions in `lists` (each with its key) that report, and one of each other."""
    named = [((*key, index), _kind(action)) for key, actions in lists for index, action in enumerate(entries(actions))]
    reporting = list(dict.fromkeys(kind for _, kind in named if kind in REPORTING))
    if reporting:
        yield checkpoint.note(
            "actions",
            "skipped",
            f"checkpoint `{checkpoint.name}`: {len(reporting)} action{'s' * (len(reporting) > 1)} not carried out",
            f"{', '.join(reporting)}: results are stored or sent by these, and mlci reports them itself",
            checkpoint.document.where(*named[0][0][:-1]),
        )
    for key, kind in named:
        if kind not in REPORTING:
            yield checkpoint.note(
                f"actions.{kind}",
                "skipped",
                f"checkpoint `{checkpoint.name}`: the action {kind} is not carried out",
                f"{kind} is code of the project's own, which mlci does not run",
                checkpoint.document.where(*key),
            )


def _kind(action: Any) -> str:
    inner = mapping(mapping(action).get("action")) or mapping(action)
    return str(inner.get("class_name") or inner.get("type") or inner.get("name") or "without a type")
