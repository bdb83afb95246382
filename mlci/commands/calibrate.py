"""`mlci calibrate`: run the gates several times, say how numbers scatter, and suggest limits on their drops."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.commands.options import add_engine_options
from mlci.commands.projects import single
from mlci.commands.run import request_of
from mlci.config.load import Loaded
from mlci.config.when import numbers_of
from mlci.errors import PASSED, CannotRun, UsageError
from mlci.places import Key
from mlci.results.model import GateName

if TYPE_CHECKING:
    from mlci.decisions.calibration import Calibration, Run
    from mlci.request import Request

_GATES: tuple[GateName, ...] = ("model", "metrics")
_FEWEST, _MOST = 2, 100
REPEAT = "MLCI_REPEAT"
"""The variable that commands and models see the number of the run in, from 1: a seed, where they want one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how often and what is run, and whether limits are written."""
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often the gates are run (default: 5)")
    trains = "run this before each of them, as one that trains; it finds the run's number in MLCI_REPEAT"
    parser.add_argument("--command", metavar="COMMAND", dest="before", help=trains)
    parser.add_argument(
        "--changed", type=_share, default=0.05, metavar="SHARE",
        help="of a model that always says the same: how many predictions a harmless change changes (default: 0.05)",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write the suggested limits to the configuration")
    add_engine_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the gates, print what their numbers do, and write limits where asked."""
    from mlci.decisions.calibration import calibrate
    from mlci.reports.calibration import show

    if not _FEWEST <= arguments.runs <= _MOST:
        raise UsageError(f"--runs {arguments.runs}: must be from {_FEWEST} to {_MOST}")
    loaded = _without_baseline(single(arguments))
    runs = list(_runs(arguments, loaded))
    config = loaded.config
    found = calibrate(runs, false_alarm_rate=config.false_alarm_rate, changed=arguments.changed)
    show(found, rate=config.false_alarm_rate)
    if arguments.write:
        _write(loaded, found)
    return PASSED


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no share between 0 and 1')
    return share


def _without_baseline(loaded: Loaded) -> Loaded:
    """Return the configuration with nothing to compare with, and with models that are asked anew each time."""
    models = {name: replace(model, cache=False) for name, model in loaded.config.model.items()}
    passed = (*loaded.config.worker_env, REPEAT)
    config = replace(loaded.config, baseline=None, waivers=(), model=models, worker_env=passed)
    if not config.names("model") and not config.names("metrics"):
        raise UsageError("nothing to calibrate: mlci.yaml has neither `model:` nor `metrics:`")
    return replace(loaded, config=config)


def _runs(arguments: argparse.Namespace, loaded: Loaded) -> Iterator[Run]:
    gates = tuple(gate for gate in _GATES if loaded.config.names(gate))
    with tempfile.TemporaryDirectory(prefix="mlci-calibrate-") as folder:
        request = request_of(arguments, loaded, gates=gates, files=None, out=Path(folder))
        for number in range(1, arguments.runs + 1):
            request.progress(f"run {number} of {arguments.runs}")
            with _numbered(number):
                if arguments.before:
                    _command(arguments.before, request)
                yield _once(request)


@contextmanager
def _numbered(number: int) -> Iterator[None]:
    before = os.environ.get(REPEAT)
    os.environ[REPEAT] = str(number)
    try:
        yield
    finally:
        if before is None:
            del os.environ[REPEAT]
        else:
            os.environ[REPEAT] = before


def _command(command: str, request: Request) -> None:
    """Run a command of the user's own; raise `CannotRun` where it fails."""
    from mlci.gates.running import context_of
    from mlci.model.predictor import environment
    from mlci.processes import Limits, run_command

    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--command cannot be split into words: {error}") from None
    if not argv:
        raise UsageError("--command is empty")
    context = context_of(request)
    ended = run_command(
        argv, python=context.python, cwd=context.root, limits=Limits(timeout_s=86_400), env=environment(context),
        progress=request.progress,
    )  # fmt: skip
    if ended.kind != "exit" or ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        why = ended.reason if ended.kind != "exit" else f"ended with exit code {ended.returncode}"
        raise CannotRun(f"`{command}` {why}: {said[-1] if said else 'it printed nothing'}")


def _once(request: Request) -> Run:
    from mlci import engine
    from mlci.decisions.calibration import Run

    outcomes = engine.measure(request)
    for outcome in outcomes:
        if outcome.gate.status == "errored":
            raise CannotRun(f"the {outcome.gate.name} gate could not run: {outcome.gate.reason}")
    metrics = tuple(metric for outcome in outcomes for metric in outcome.metrics)
    if not metrics:
        raise CannotRun("the gates gave no number", fix="Name metrics in mlci.yaml.")
    return Run(metrics=metrics, predicted={name: said for one in outcomes for name, said in one.predicted.items()})


def _write(loaded: Loaded, found: Calibration) -> None:
    """Write the suggested limit of every number that the configuration names."""
    from mlci.config.check import check
    from mlci.config.edit import with_values

    values = dict(_limits(loaded, found))
    if not values:
        sys.stdout.write("nothing was written: nothing is suggested for any number of the configuration\n")
        return
    raw = loaded.path.read_bytes()
    changed = with_values(raw, loaded.name, values)
    check(changed, loaded.name)
    temporary = loaded.path.with_suffix(".tmp")
    temporary.write_bytes(changed)
    temporary.replace(loaded.path)
    sys.stdout.write(f"{loaded.name}: {len(values)} `max-drop` written\n")


def _limits(loaded: Loaded, found: Calibration) -> Iterator[tuple[Key, float]]:
    """Yield the key of each `max-drop` in the configuration with what is suggested for it."""
    suggested = {line.metric.name: line.suggested for line in found.lines if line.metric.slice is None}
    for model, one in loaded.config.model.items():
        for metric in one.metrics:
            if value := suggested.get(f"model.{model}.{metric}"):
                yield ("model", model, "metrics", metric, "max-drop"), value
    for file, numbers in loaded.config.metrics.items():
        for path, limits in numbers_of(numbers).items():
            if (value := suggested.get(f"metrics.{file}.{path}")) and limits.direction is not None:
                yield ("metrics", file, path, "max-drop"), value
