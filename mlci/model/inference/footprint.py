"""How much memory a model needs, and how large its files are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlci.config.common import Limits
from mlci.config.inference import SizeLimits
from mlci.config.models import Model
from mlci.errors import CannotRun
from mlci.limits import judge
from mlci.model.in_worker import InWorker
from mlci.model.inference.validity import Made
from mlci.model.predictor import Predictor, size
from mlci.results.model import Check, Metric

_MB = 1_000_000
Found = tuple[Check, Metric | None]


def peak_memory(name: str, predictor: Predictor, inputs: Sequence[Any], limits: str | SizeLimits, check: Made) -> Found:
    """Judge the most memory that a process of its own had, from its start to its answer to `inputs`."""
    what = "peak memory"
    try:
        predictor.fresh(inputs, lambda at: f"the prediction for input {at + 1}")
        peak = predictor.backend.peak_memory() if isinstance(predictor.backend, InWorker) else None
    except CannotRun as error:
        return check("peak-memory", "errored", f"{what} could not be measured", str(error), error), None
    if peak is None:
        return check("peak-memory", "skipped", what, "this system does not tell"), None
    blank = check("peak-memory", "passed", what, details={"bytes": peak, "n": len(inputs)})
    return _judged(blank, f"model.{name}.peak_memory_mb", f"{what} in MB", peak, limits)


def model_size(name: str, model: Model, root: Path, check: Made) -> Found:
    """Judge the bytes of the artifact, or of `model-files` where there is none."""
    files = sorted(set(_files(model, root)))
    if not files:
        named = model.saved.path if model.saved is not None else ", ".join(model.model_files or ())
        return check("size", "errored", "the size of the model", f"there is no file {named}"), None
    total = sum(file.stat().st_size for file in files)
    blank = check("size", "passed", "the size of the model", details={"bytes": total, "files": len(files)})
    return _judged(blank, f"model.{name}.size_mb", "the size of the model in MB", total, model.size or "")


def _judged(blank: Check, name: str, subject: str, amount: int, limits: str | SizeLimits) -> Found:
    limited = SizeLimits(max=limits or None) if isinstance(limits, str) else limits
    most = None if limited.max is None else size(limited.max) / _MB
    plain = Limits(max=most, severity=limited.severity)
    metric = Metric(
        name=name, value=amount / _MB, higher_is_better=False, max_drop=limited.max_drop, severity=limited.severity
    )
    return judge(blank, subject, amount / _MB, plain), metric


def _files(model: Model, root: Path) -> Iterator[Path]:
    if model.saved is not None:
        path = root / model.saved.path
        yield from [path] if path.is_file() else (one for one in path.rglob("*") if one.is_file())
        return
    for pattern in model.model_files or ():
        found = [root / pattern] if (root / pattern).exists() else root.glob(pattern)
        for path in found:
            yield from [path] if path.is_file() else (one for one in path.rglob("*") if one.is_file())
