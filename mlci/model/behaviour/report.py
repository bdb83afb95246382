"""What came out of a behaviour suite, as checks and as a file of failing examples."""

from __future__ import annotations

import csv
import glob
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlci.errors import Where
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.result import BehaviourResult, Example, TestResult
from mlci.model.behaviour.verdict import percent
from mlci.model.predictions import Prediction
from mlci.results.model import Check, failed_or_warned

SHOWN = 5
IMAGES = "-images"
"""The end of the name of a folder of changed images."""
COLUMNS = ("id", "test", "case", "original", "original_prediction", "input", "prediction", "label")


def checks_of(result: BehaviourResult, *, prefix: str) -> Iterator[Check]:
    """Return one check for each test, with ids below `prefix`."""
    taken: dict[str, int] = {}
    for test in result.tests:
        slug = slug_of(test.name)
        taken[slug] = taken.get(slug, 0) + 1
        unique = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        yield _check(test, f"{prefix}.{unique}", result.name)
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


def _check(test: TestResult, name: str, suite: str) -> Check:
    status = failed_or_warned(test.severity) if test.status == "failed" else test.status
    return Check(
        id=name,
        status=status,
        severity=test.severity,
        summary=_summary(test),
        reason=_reason(test),
        where=test.where,
        details=_details(test, suite),
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
    return f"{share}, at most {percent(test.limit)} may" if test.limit else f"{share}, none may"


def _reason(test: TestResult) -> str | None:
    return test.reason if test.reason is None or test.status == "errored" else f"{test.name}: {test.reason}"


def _details(test: TestResult, suite: str) -> dict[str, Any]:
    names = (
        "type", "capability", "cases", "not_applicable", "failed_cases", "failure_rate", "pairs", "failed_pairs",
        "pair_failure_rate", "interval", "pair_interval", "limit", "rule", "needed", "no_ops", "duplicates", "missing",
    )  # fmt: skip
    details = {"test": test.name, **{name: getattr(test, name) for name in names}}
    if test.notes:
        details["notes"] = list(test.notes)
    if test.examples:
        details["examples"] = [_row(suite, test, example) for example in test.examples[:SHOWN]]
        details["replay"] = [row["id"] for row in details["examples"]]
    return details


def write_examples(result: BehaviourResult, path: Path) -> None:
    """Write every failing example to a CSV file at `path`; nothing when there is none."""
    rows = [_row(result.name, test, example) for test in result.tests for example in test.examples]
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


class Kept(NamedTuple):
    """A failing example as the report folder has it: an original and what it was changed to."""

    test: str
    source: str
    inputs: tuple[Any, Any]


def kept_example(folder: Path, model: str, name: str) -> Kept | None:
    """Return the example called `name` out of the files that `write_examples` has written for a model."""
    for file in sorted(folder.glob(f"{glob.escape(model)}-*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                if row.get("id") == name and row.get("original"):
                    inputs = (_value(row["original"]), _value(row["input"]))
                    return Kept(row["test"], row["case"], inputs)
    return None


def _value(text: str) -> Any:
    """Return a row that stands in a file as JSON, and any other text as it is."""
    try:
        read = json.loads(text) if text.startswith("{") else text
    except ValueError:
        return text
    return read


def example_id(suite: str, test: str, original: Any, value: Any) -> str:
    """Return what names an example on every run and machine: a digest of its test, its original and its input."""
    text = json.dumps([suite, test, _without_folder(_text(original)), _without_folder(_text(value))])
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def _without_folder(text: str) -> str:
    """Return the path of a changed image without the folder, which is not the same everywhere."""
    return text.rpartition(f"{IMAGES}/")[2]


def _row(suite: str, test: TestResult, example: Example) -> dict[str, Any]:
    values: Sequence[Any] = (
        example_id(suite, test.name, example.original, example.input),
        test.name,
        example.source,
        _text(example.original),
        said(example.original_prediction),
        _text(example.input),
        said(example.prediction),
        _text(example.label),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)


def said(prediction: Prediction | None) -> str:
    """Return a prediction in one line."""
    if prediction is None:
        return ""
    if prediction.probabilities is None:
        return str(prediction.label)
    shares = ", ".join(f"{label}: {share:.3f}" for label, share in prediction.probabilities.items())
    return f"{prediction.label} ({shares})"
