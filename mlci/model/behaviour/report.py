"""What came out of a behaviour suite, as checks and as a file of failing examples."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlci.errors import Where
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.result import BehaviourResult, Example, TestResult
from mlci.model.predictions import Prediction
from mlci.results.model import Check, failed_or_warned

SHOWN = 5
COLUMNS = ("test", "case", "original", "original_prediction", "input", "prediction", "label")


def checks_of(result: BehaviourResult, *, prefix: str) -> Iterator[Check]:
    """Return one check for each test, with ids below `prefix`."""
    taken: dict[str, int] = {}
    for test in result.tests:
        slug = slug_of(test.name)
        taken[slug] = taken.get(slug, 0) + 1
        unique = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        yield _check(test, f"{prefix}.{unique}")
    yield from _indiscriminate(result, prefix)


def _indiscriminate(result: BehaviourResult, prefix: str) -> Iterator[Check]:
    for note in result.notes:
        where = next((Where(path=test.where.path) for test in result.tests if test.where is not None), None)
        yield Check(
            id=prefix, status="warned", severity="warning", summary=f"suite {result.name}", reason=note, where=where
        )


def keep_failing(images: Images, result: BehaviourResult) -> None:
    """Delete the changed images that no failing example shows."""
    shown = "".join(_text(example.input) for test in result.tests for example in test.examples)
    for path in images.folder.glob("*.png"):
        if path.name not in shown:
            path.unlink()
    if images.folder.is_dir() and not any(images.folder.iterdir()):
        images.folder.rmdir()


def slug_of(name: str) -> str:
    """Return `name` in small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "test"


def _check(test: TestResult, name: str) -> Check:
    status = failed_or_warned(test.severity) if test.status == "failed" else test.status
    return Check(
        id=name,
        status=status,
        severity=test.severity,
        summary=_summary(test),
        reason=_reason(test),
        where=test.where,
        details=_details(test),
    )


def _summary(test: TestResult) -> str:
    if test.status == "errored":
        return f"{test.name} could not be judged"
    if test.failure_rate is None:
        return test.name
    what = "can be turned" if test.type == "adversarial" else "fail"
    share = f"{test.name}: {test.failed_cases} of {test.applicable} cases {what} ({test.failure_rate:.1%})"
    if test.status != "passed":
        return share
    return f"{share}, at most {test.limit:.1%} may" if test.limit else f"{share}, none may"


def _reason(test: TestResult) -> str | None:
    return test.reason if test.reason is None or test.status == "errored" else f"{test.name}: {test.reason}"


def _details(test: TestResult) -> dict[str, Any]:
    names = (
        "type", "capability", "cases", "not_applicable", "failed_cases", "failure_rate", "pairs", "failed_pairs",
        "pair_failure_rate", "interval", "pair_interval", "limit", "rule", "needed", "no_ops", "duplicates", "missing",
    )  # fmt: skip
    details = {"test": test.name, **{name: getattr(test, name) for name in names}}
    if test.notes:
        details["notes"] = list(test.notes)
    if test.examples:
        details["examples"] = [_row(test, example) for example in test.examples[:SHOWN]]
    return details


def write_examples(result: BehaviourResult, path: Path) -> None:
    """Write every failing example to a CSV file at `path`; nothing when there is none."""
    rows = [_row(test, example) for test in result.tests for example in test.examples]
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _row(test: TestResult, example: Example) -> dict[str, Any]:
    values: Sequence[Any] = (
        test.name,
        example.source,
        _text(example.original),
        _said(example.original_prediction),
        _text(example.input),
        _said(example.prediction),
        _text(example.label),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)


def _said(prediction: Prediction | None) -> str:
    if prediction is None:
        return ""
    if prediction.probabilities is None:
        return str(prediction.label)
    shares = ", ".join(f"{label}: {share:.3f}" for label, share in prediction.probabilities.items())
    return f"{prediction.label} ({shares})"
