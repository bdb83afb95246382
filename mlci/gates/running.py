"""Running the gates in their order, each so that whatever stops it is its own result."""

from __future__ import annotations

import importlib
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mlci.errors import MlciError, UsageError
from mlci.gates import Context, Outcome
from mlci.request import Request
from mlci.results.model import (
    GATES,
    USAGE_MARK,
    Check,
    Gate,
    GateName,
)
from mlci.results.profile import Profile


def profiles_of(outcomes: Sequence[Outcome]) -> dict[str, Profile]:
    """Return the distributions that gates gave, by name."""
    return {key: value for outcome in outcomes for key, value in outcome.profiles.items()}


def outcomes_of(request: Request) -> list[Outcome]:
    """Run the gates asked for and return what each gave, compared with nothing."""
    config = request.loaded.config
    wanted = request.gates or tuple(gate for gate in GATES if config.names(gate))
    context = context_of(request)
    try:
        return [_outcome(name, context) for name in GATES if name in wanted]
    finally:
        context.end_pipelines()


def context_of(request: Request) -> Context:
    """Return what the gates of a run are given."""
    return Context(
        root=request.loaded.root,
        config=request.loaded.config,
        where=request.loaded.where,
        find_python=request.find_python,
        out=request.out,
        files=request.files,
        repository=request.repository,
        find_base=lambda: request.base_commit,
        find_baseline=lambda: request.baseline,
        find_changed=lambda: request.changed,
        now=request.now,
        at_base=request.at_base,
        in_hook=request.in_hook,
        keeps=request.saving or request.at_base or request.loaded.config.baseline is not None,
        rows=request.rows,
        gx_results=None if request.at_base else request.gx_results,
        progress=request.progress,
    )


def _outcome(name: GateName, context: Context) -> Outcome:
    """Run one gate; whatever stops it is that gate's result, and the others still run."""
    if not context.config.names(name):
        return Outcome(gate=Gate(name=name, status="skipped", reason=f"mlci.yaml has no `{name}:`"))
    clock = time.monotonic()
    try:
        left_out = context.left_out(context.config.when.get(name), name, f"the {name} gate", "when", name)
        if left_out is not None:
            return Outcome(gate=Gate(name=name, status="skipped", reason=left_out.reason, checks=(left_out,)))
        outcome: Outcome = importlib.import_module(f"mlci.gates.{name}").run(context)
    except UsageError as error:
        return _stopped(name, str(error), clock, usage=True)
    except MlciError as error:
        return _stopped(name, str(error), clock)
    except Exception as error:  # noqa: BLE001 - one gate's defect must not lose the results of the others
        return _stopped(name, f"a defect of mlci, please report it: {_last_line(error)}", clock, traceback.format_exc())
    return replace(outcome, gate=replace(outcome.gate, duration_s=round(time.monotonic() - clock, 3)))


def _stopped(name: GateName, reason: str, clock: float, details: str = "", *, usage: bool = False) -> Outcome:
    check = Check(
        id=name,
        status="errored",
        summary=f"the {name} gate could not run",
        reason=reason,
        details={**({"traceback": details} if details else {}), **({USAGE_MARK: True} if usage else {})},
    )
    duration = round(time.monotonic() - clock, 3)
    return Outcome(gate=Gate(name=name, status="errored", reason=reason, duration_s=duration, checks=(check,)))


def _last_line(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
