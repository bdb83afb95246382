"""All checks of inference of one model, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.config.inference import Inference, Latency
from mlci.errors import CannotRun, MlciError
from mlci.model.inference.drawn import drawn
from mlci.model.inference.footprint import model_size, peak_memory
from mlci.model.inference.latency import Clock, beside_base, latency
from mlci.model.inference.validity import Made, Tried, answers, loads, robust
from mlci.model.predictor import Predictor
from mlci.results.model import Check, Metric, Severity, Status

if TYPE_CHECKING:
    from mlci.model.subject import Subject

_LONGEST_PATH = 1024
Found = tuple[Check, Metric | None]


def inference_checks(subject: Subject, predictor: Predictor, inputs: Callable[[], Sequence[Any]]) -> Iterator[Found]:
    """Give every check of inference that the configuration asks for.

    At the base only what is compared with it is measured: size and memory.
    """
    model, context = subject.model, subject.context
    if model.size is not None:
        yield model_size(subject.name, model, context.root, _made(subject, "size"))
    if model.inference is None and model.latency is None and model.peak_memory is None:
        return
    try:
        given = inputs()
    except CannotRun as error:
        yield _made(subject, "inference")("inputs", "errored", "there are no inputs", str(error), error), None
        return
    if not given:
        reason = "nothing was checked: there are no inputs"
        yield _made(subject, "inference")("inputs", "failed", "there are no inputs", reason), None
        return
    if model.peak_memory is not None:
        with Predictor(model, context) as alone:
            limits = model.peak_memory
            yield peak_memory(subject.name, alone, _some(subject, given), limits, _made(subject, "peak-memory"))
    if not context.at_base:
        yield from _tried(subject, predictor, given)


def _tried(subject: Subject, predictor: Predictor, given: Sequence[Any]) -> Iterator[Found]:
    model, context = subject.model, subject.context
    check = _made(subject, "inference")
    loaded = loads(predictor, check)
    if model.inference is not None or loaded.status != "passed":
        yield loaded, None
    if loaded.status != "passed":
        return
    settings = model.inference or Inference()
    tried = Tried(predictor=predictor, inputs=_some(subject, given), settings=settings, check=check)
    if model.inference is not None:
        yield from ((one, None) for one in answers(tried))
    if model.latency is not None:
        yield from _timed(subject, model.latency, predictor, given)
    if model.inference is not None:
        context.progress(f"{subject.name}: asking about odd inputs")
        texts = () if _are_files(subject, given) else tried.inputs
        yield from ((one, None) for one in _robust(replace(tried, inputs=texts), partial(Predictor, model, context)))


def _are_files(subject: Subject, given: Sequence[Any]) -> bool:
    """Whether inputs are paths of images: a model that takes these need not answer any text."""
    saved, first = subject.model.saved, given[0]
    if saved is not None and saved.image is not None:
        return True
    return isinstance(first, str) and len(first) < _LONGEST_PATH and _is_file(subject.context.root, first)


def _is_file(root: Path, text: str) -> bool:
    try:
        return (root / text).is_file()
    except (OSError, ValueError):
        return False


def _robust(tried: Tried, start: Callable[[], Predictor]) -> Iterator[Check]:
    """Ask about each kind of odd input in a process beside the model's own, and in a new one after a time-out."""
    alone = start()
    try:
        for kind in tried.settings.robust_to:
            if alone.backend.over is not None:
                alone.backend.close()
                alone = start()
            yield robust(replace(tried, predictor=alone), kind)
    finally:
        alone.backend.close()


def _timed(subject: Subject, settings: Latency, predictor: Predictor, given: Sequence[Any]) -> Iterator[Found]:
    clock = Clock(
        name=subject.name, predictor=predictor, inputs=_some(subject, given), settings=settings,
        check=_made(subject, "latency"), timeout_s=subject.model.timeout,
    )  # fmt: skip
    subject.context.progress(f"{subject.name}: measuring {settings.calls} calls")
    yield from latency(clock)
    if settings.max_drop is not None:
        yield beside_base(clock, subject.context), None


def _some(subject: Subject, given: Sequence[Any]) -> list[Any]:
    settings = subject.model.inference or Inference()
    return drawn(given, settings.examples, subject.model.seed)


def _made(subject: Subject, key: str) -> Made:
    """Return what makes a check below `key` of the model, with its place."""
    prefix = f"model.{subject.name}." + ("inference." if key == "inference" else "")
    limits = getattr(subject.model, key.replace("-", "_"))
    severity: Severity = getattr(limits, "severity", "error")

    def check(  # noqa: PLR0917 - the first four are always given
        name: str,
        status: Status,
        summary: str,
        reason: str | None = None,
        error: MlciError | None = None,
        details: dict[str, Any] | None = None,
    ) -> Check:
        printed = getattr(error, "details", "") if error is not None else ""
        shown = {"output": printed} if printed else {}
        return Check(
            id=prefix + name,
            status=status,
            severity=severity,
            summary=summary,
            reason=reason,
            where=subject.where(key),
            details={**shown, **(details or {})},
        )

    return check
