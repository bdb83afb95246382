"""Whole runs of training: they stop when they should, leave what they should, keep their learning rate in bounds."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlci.testing.arrays import as_array, as_numbers
from mlci.testing.checks import check, fail, unless
from mlci.testing.isolation import new_model, seed_everything
from mlci.testing.steps import one_step, trained
from mlci.testing.training import Training


@check
def assert_early_stopping_stops(training: Training, *, max_epochs: int = 30, patience: int | None = None) -> str:
    """Training stops before its last epoch when the validation loss only gets worse.

    The validation targets are made wrong on purpose (every class another one, values mirrored at their mean), so that
    what is learnt makes their loss worse.

    Args:
        training: What is tested, with `fit`.
        max_epochs: How many epochs `fit` may run; it must stop before. More than the patience, in any case.
        patience: How many epochs without a lower validation loss it should wait, where that is to hold exactly.
    """
    fit = training.need("fit")
    model = new_model(training)
    data, wrong = (training.inputs, training.targets), (training.inputs, contradicted(training))
    seed_everything(training, 0)
    history = [float(loss) for loss in fit(model, data, wrong, max_epochs)]
    if not history:
        fail("`fit` returned no validation loss", usually="the history is of another run, or no epoch was run")
    best = history.index(min(history))
    usually = (
        "the best loss is compared with the wrong sign, the count of bad epochs is set back each time, the training "
        "loss is watched in place of the validation loss, or the callback is not passed on; or the "
        "patience is longer than that"
    )
    unless(
        len(history) < max_epochs,
        f"training went through all {max_epochs} epochs although the validation loss was best in epoch {best + 1} "
        f"({history[best]:.4g}) and ended at {history[-1]:.4g}",
        usually=usually,
    )
    waited = len(history) - 1 - best
    return unless(
        patience is None or waited == patience,
        f"training stopped after epoch {len(history)} of {max_epochs}, {waited} after the best one"
        + ("" if patience is None else f" with a patience of {patience}"),
        usually=f"it stops one epoch too early or late (`>` for `>=`), or {usually}",
    )


def contradicted(training: Training) -> Any:
    """Return targets that learning the true ones makes worse, in the same form."""
    import numpy as np

    targets = as_array(training.targets)
    if training.classes is None:
        wrong = (2 * targets.mean(axis=0) - targets).astype(targets.dtype)
    elif targets.ndim > 1 and targets.shape[-1] == training.classes:
        wrong = np.roll(targets, 1, axis=-1)
    else:
        known, places = np.unique(targets, return_inverse=True)
        wrong = np.roll(known, 1)[places].reshape(targets.shape)
    return _like(training.targets, wrong)


def _like(original: Any, values: Any) -> Any:
    if hasattr(original, "detach"):
        import torch

        return torch.as_tensor(values, dtype=original.dtype, device=original.device)
    return values.tolist() if isinstance(original, list) else values


def assert_files_written(
    write: Callable[[Path], Any], expected: Sequence[str], *, readers: Mapping[str, Callable[[Path], Any]] | None = None
) -> str:
    """`write(folder)` leaves every expected file in a new folder, none empty, each readable by its reader.

    Args:
        write: Runs training, or its end, and writes into the folder.
        expected: Paths relative to the folder, or patterns such as `*.json`.
        readers: A function by path or pattern of `expected` that raises when a file is broken.
    """
    if not expected:
        raise ValueError("name at least one artifact that is to be written")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        found = {
            pattern: sorted(path for path in folder.glob(pattern) if _holds_something(path)) for pattern in expected
        }
        missing = [pattern for pattern, paths in found.items() if not paths]
        unless(
            not missing,
            f"not written, or empty: {', '.join(missing)} (there are {', '.join(there) or 'no files'})",
            usually="a path is fixed in the code where it should be a setting, a file is opened and never closed, or "
            "the run ends before it is saved",
        )
        for pattern, reader in (readers or {}).items():
            for path in found.get(pattern, ()):
                _read(path, folder, reader)
    return f"{sum(map(len, found.values()))} artifacts were written: {', '.join(expected)}"


def _holds_something(path: Path) -> bool:
    """Return whether a file, or any in a folder, has content."""
    if path.is_dir():
        return any(_holds_something(inner) for inner in path.iterdir())
    return path.stat().st_size > 0


def _read(path: Path, folder: Path, reader: Callable[[Path], Any]) -> None:
    try:
        reader(path)
    except Exception as error:  # noqa: BLE001 - whatever a reader raises, the file is what is wrong
        fail(
            f"{path.relative_to(folder)} was written and cannot be read: {type(error).__name__}: {error}",
            usually="the file is written in part, in another format than its reader expects, or by another version",
        )


@check
def assert_artifacts_written(
    training: Training, *, steps: int = 1, readers: Mapping[str, Callable[[Path], Any]] | None = None
) -> str:
    """After training, every artifact is written into a new folder, none is empty, and each can be read."""
    write, expected = training.need("write"), training.need("artifacts")
    model = trained(training, steps)
    return assert_files_written(lambda folder: write(model, folder), expected, readers=readers)


@check
def assert_learning_rate_in_bounds(training: Training, *, low: float = 1e-7, high: float = 1.0, steps: int = 20) -> str:
    """The learning rate lies between `low` and `high` in every one of the first steps."""
    training.need_steps()
    rate = training.need("learning_rate")
    model = new_model(training)
    seen: list[float] = []
    for number in range(steps):
        seen += as_numbers(rate(model)).reshape(-1).tolist() if number or training.loss_is_before_update else []
        one_step(training, model, seed=number)
    outside = [value for value in seen if not (math.isfinite(value) and low <= value <= high)]
    return unless(
        seen and not outside,
        f"the learning rate went from {seen[0]:.3g} to {seen[-1]:.3g} in {steps} steps, between {min(seen):.3g} and "
        f"{max(seen):.3g} (allowed: {low:.3g} to {high:.3g})",
        usually="a schedule for epochs is stepped with every batch, its length is given in the wrong unit, a decay is "
        "applied twice, or a warm-up begins at 0 (give `low=0` where that is meant)",
    )
