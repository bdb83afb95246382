"""The checks of `explain:`, each errored alone where it cannot be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mlci.config.explain import Explain, Saliency
from mlci.config.models import Model
from mlci.errors import CannotRun, Where
from mlci.gates import Context
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.report import slug_of
from mlci.model.behaviour.verdict import decide
from mlci.model.explain import Ask
from mlci.model.explain.importance import importances
from mlci.model.explain.importance_checks import importance_checks, importance_metrics
from mlci.model.explain.pictures import write_images, write_texts
from mlci.model.explain.saliency import Explained, explain_inputs, on_what_is_not_allowed
from mlci.model.explain.surrogate import surrogate, surrogate_checks
from mlci.model.measure import Measured
from mlci.numbers import count
from mlci.results.model import Check, Metric, failed_or_warned

FOLDER = "explanations"
_SHOWN = 20


def explained(measured: Measured, ask: Ask) -> tuple[list[Check], tuple[Metric, ...]]:
    """Return what can be said of the examples that a model is evaluated on: importances, and a tree in its place."""
    asked = measured.model.explain or Explain()
    checks: list[Check] = []
    metrics: tuple[Metric, ...] = ()
    if asked.importance is not None:
        try:
            features = importances(measured, asked.importance, ask)
            checks += importance_checks(measured, asked.importance, features)
            metrics = importance_metrics(measured, asked.importance, features)
        except CannotRun as error:
            checks.append(_errored(measured.name, "importance", measured.where, error))
    if asked.surrogate is not None:
        try:
            checks += surrogate_checks(measured, asked.surrogate, surrogate(measured, asked.surrogate))
        except CannotRun as error:
            checks.append(_errored(measured.name, "surrogate", measured.where, error))
    return checks, metrics


def saliency(name: str, model: Model, ask: Ask, *, context: Context, where: Callable[..., Where]) -> Iterator[Check]:
    """Look at what single answers hang on, and write the pictures to the report folder, where the model asks for it."""
    if model.explain is not None and model.explain.saliency is not None:
        out = context.out.absolute()
        yield from look_at(name, model.explain.saliency, ask, root=context.root, out=out, where=where)


def look_at(
    name: str, asked: Saliency, ask: Ask, *, root: Path, out: Path, where: Callable[..., Where]
) -> Iterator[Check]:
    """Look at what the answers to the inputs of `asked` hang on, and write their pictures to `out`."""
    try:
        with TemporaryDirectory(prefix="mlci-") as covered:
            found = explain_inputs(asked, ask, Images(root=root, folder=Path(covered)))
        shown = _pictures(name, asked, found, root=root, out=out)
        yield _check(name, asked, found, shown, where)
    except CannotRun as error:
        yield _errored(name, "saliency", where, error)


def _pictures(name: str, asked: Saliency, found: Sequence[Explained], *, root: Path, out: Path) -> str:
    folder, slug = out / FOLDER, slug_of(name)
    if asked.of == "text":
        write_texts(found, folder / f"{slug}-saliency.html")
        return f"{FOLDER}/{slug}-saliency.html"
    write_images(found, folder / f"{slug}-saliency", root=root, grid=asked.grid)
    return f"{FOLDER}/{slug}-saliency/"


def _check(name: str, asked: Saliency, found: Sequence[Explained], shown: str, where: Callable[..., Where]) -> Check:
    details = {"pictures": shown, "examples": [_row(one) for one in found[:_SHOWN]]}
    place = where("explain", "saliency")
    if not asked.not_on and asked.not_in is None:
        said = f"what {count(len(found), 'answer')} of {name} hang on is in {shown}"
        return Check(id=f"model.{name}.saliency", status="passed", summary=said, where=place, details=details)
    wrong = on_what_is_not_allowed(asked, found)
    decision = decide(wrong, range(len(wrong)), asked.max_share)
    said = f"{sum(wrong)} of {count(len(found), 'answer')} of {name} hang most on what they must not"
    allowed = f"at most {asked.max_share:.1%} may" if asked.max_share else "and none may"
    status = failed_or_warned(asked.severity) if decision.status == "failed" else decision.status
    return Check(
        id=f"model.{name}.saliency",
        status=status,
        severity=asked.severity,
        summary=said,
        reason=None if decision.status == "passed" else f"{said}, {allowed} (pictures in {shown})",
        where=place,
        details={**details, "interval": list(decision.interval), "limit": asked.max_share, "rule": decision.rule},
    )


def _row(one: Explained) -> dict[str, object]:
    first = one.first
    on = "no part alone" if first is None else first.name or f"square {first.place[0] + 1}, {first.place[1] + 1}"
    return {"input": one.input, "prediction": str(one.prediction.label), "hangs most on": on}


def _errored(name: str, part: str, where: Callable[..., Where], error: CannotRun) -> Check:
    return Check(
        id=f"model.{name}.{part}",
        status="errored",
        summary=f"{part} of {name} could not be told",
        reason=error.says,
        where=where("explain", part),
    )
