"""How long calls take: measured where the model runs, against limits, and in turns with the base's model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from mlci.config.inference import Latency
from mlci.errors import CannotRun, MlciError
from mlci.gates import Context
from mlci.model.inference.timing import Verdict, in_turns, judge, lower_bound, percentile
from mlci.model.inference.validity import Made
from mlci.model.predictor import Predictor, prepare
from mlci.numbers import number, pair, percent
from mlci.results.model import Check, Metric, Severity, Status, failed_or_warned

_SHARES: Mapping[str, float] = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}
_BUDGET = 0.5
"""The share of the time limit of a call that measuring may take, since it is one call of the worker."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """What it takes to measure a model."""

    name: str
    predictor: Predictor
    inputs: Sequence[Any]
    settings: Latency
    check: Made
    timeout_s: float

    @property
    def batches(self) -> list[list[Any]]:
        """The inputs in batches of the size asked for, the last one filled up from the start."""
        size, inputs = self.settings.batch_size, list(self.inputs)
        whole = [inputs[at % len(inputs)] for at in range(-(-len(inputs) // size) * size)]
        return [whole[start : start + size] for start in range(0, len(whole), size)]

    def plan(self, calls: int, warm_up: int, first: int = 0) -> dict[str, Any]:
        """Return what the worker is told."""
        return {"calls": calls, "warm_up": warm_up, "first": first, "budget_s": _BUDGET * self.timeout_s}


def latency(clock: Clock) -> Iterator[tuple[Check, Metric | None]]:
    """Measure the calls, and judge percentiles and throughput."""
    settings = clock.settings
    try:
        seconds = clock.predictor.backend.time(clock.batches, clock.plan(settings.calls, settings.warm_up))
    except CannotRun as error:
        yield clock.check("latency", "errored", "the time of calls could not be measured", str(error), error), None
        return
    for name, share in _SHARES.items():
        yield _percentile(clock, seconds, name, share, getattr(settings, name))
    yield _throughput(clock, seconds)


def _percentile(
    clock: Clock, seconds: Sequence[float], name: str, share: float, most: float | None
) -> tuple[Check, Metric]:
    value, what = 1000 * percentile(seconds, share), name.removesuffix("_ms")
    size = f"{clock.settings.batch_size} input{'s' if clock.settings.batch_size > 1 else ''} a call"
    said = f"{what} of the latency is {number(value)} ms (n = {len(seconds)} calls, {size})"
    details = {"value": value, "max": most, "n": len(seconds), "batch_size": clock.settings.batch_size}
    metric = _metric(clock, name, value, len(seconds), higher=False)
    if most is None:
        return clock.check(f"latency.{what}", "passed", said, details=details), metric
    verdict = judge(seconds, share, most / 1000)
    least = 1000 * lower_bound(seconds, share)
    reason = _reason(said, verdict, f"above the maximum of {number(most)} ms", f"it is at least {number(least)} ms")
    return _checked(clock, f"latency.{what}", verdict, said, reason, details), metric


def _throughput(clock: Clock, seconds: Sequence[float]) -> tuple[Check, Metric]:
    """Judge the inputs a second of the median call, which a neighbour's short burst does not move."""
    size, least = clock.settings.batch_size, clock.settings.throughput
    value = size / max(1e-9, percentile(seconds, 0.5))
    said = f"throughput is {number(value)} inputs a second (n = {len(seconds)} calls, {size} a call)"
    metric = _metric(clock, "throughput", value, len(seconds), higher=True)
    details = {"value": value, "min": least, "n": len(seconds), "batch_size": size}
    if least is None:
        return clock.check("latency.throughput", "passed", said, details=details), metric
    verdict = judge(seconds, 0.5, size / least)
    most = size / max(1e-9, lower_bound(seconds, 0.5))
    reason = _reason(said, verdict, f"below the minimum of {number(least)}", f"it is at most {number(most)}")
    return _checked(clock, "latency.throughput", verdict, said, reason, details), metric


def _reason(said: str, verdict: Verdict, broken: str, bound: str) -> str | None:
    if verdict == "passed":
        return None
    return f"{said}, {broken}" + ("" if verdict == "failed" else f", and so few calls cannot tell: {bound} (95 %)")


def _checked(  # noqa: PLR0917 - all are always given
    clock: Clock, name: str, verdict: Verdict, said: str, reason: str | None, details: dict[str, Any]
) -> Check:
    status: Status = failed_or_warned(clock.settings.severity) if verdict == "failed" else verdict
    return clock.check(name, status, said, reason, details=details)


def _metric(clock: Clock, name: str, value: float, n: int, *, higher: bool) -> Metric:
    severity: Severity = clock.settings.severity
    full = f"model.{clock.name}.latency.{name}"
    return Metric(name=full, value=value, n=n, higher_is_better=higher, severity=severity)


# --- beside the base's model ------------------------------------------------------------------------------------------


def beside_base(clock: Clock, context: Context) -> Check:
    """Measure the model in turns with that of the merge-base, which runs in a work tree of its own."""
    what = "latency beside the base's model"
    base = context.find_base()
    settings = context.config.baseline
    if settings is None or not settings.recompute:
        why = "times of two runs cannot be compared: `baseline: {recompute: true}` measures both models in turns"
        return clock.check("latency.max-drop", "skipped", what, why)
    if base.commit is None or context.repository is None:
        status: Status = "errored" if base.broken else "skipped"
        return clock.check("latency.max-drop", status, what, f"no baseline: {base.note}")
    try:
        with context.repository.worktree(base.commit) as tree:
            there = _context_there(context, tree)
            return _in_turns(clock, there, base.commit)
    except MlciError as error:
        reason = f"the two models could not be measured in turns: {error}"
        return clock.check("latency.max-drop", "errored", what, reason, error)


def _context_there(context: Context, tree: Any) -> Context:
    from mlci.config.finding import NAMES
    from mlci.config.load import load

    assert context.repository is not None  # noqa: S101 - its work tree is what this is about
    root = tree / context.root.resolve().relative_to(context.repository.top.resolve())
    own = next((root / name for name in NAMES if (root / name).is_file()), None)
    config = context.config if own is None else load(own, start=root).config
    return replace(context, root=root, config=config, at_base=True, out=tree.parent / "out")


def _in_turns(clock: Clock, there: Context, commit: str) -> Check:
    what = f"latency beside the base's model at {commit[:10]}"
    model = there.config.model.get(clock.name)
    if model is None or not model.answers:
        return clock.check("latency.max-drop", "skipped", what, "no baseline: the base has no such model to ask")
    failed = None if model.prepare is None else prepare(model, there)
    if failed is not None:
        raise CannotRun(failed.reason)
    there.progress(f"{clock.name}: measuring in turns with the model of {commit[:10]}")
    with Predictor(model, there) as before:
        try:
            before.backend.load()
            before.backend.time(clock.batches, clock.plan(1, 0))
        except CannotRun as error:  # a base that is broken must not keep the change that mends it from being merged
            reason = f"nothing to compare with, as the base's model cannot be asked: {error}"
            return clock.check("latency.max-drop", "inconclusive", what, reason)
        return _judged(clock, _rounds(clock, before), what)


def _rounds(clock: Clock, before: Predictor) -> list[tuple[float, float]]:
    """Return the median seconds before and now of each round; who begins changes with every round."""
    settings, batches = clock.settings, clock.batches
    backends = (before.backend, clock.predictor.backend)
    calls = max(1, settings.calls // settings.rounds)
    for backend in backends:
        backend.load()
        backend.time(batches, clock.plan(calls, settings.warm_up))
    found: list[tuple[float, float]] = []
    for turn in range(settings.rounds):
        plan = clock.plan(calls, 0, first=turn * calls)
        order = (0, 1) if turn % 2 else (1, 0)
        took = {at: median(backends[at].time(batches, plan)) for at in order}
        found.append((took[0], took[1]))
    return found


def _judged(clock: Clock, rounds: Sequence[tuple[float, float]], what: str) -> Check:
    before, now = [old for old, _ in rounds], [new for _, new in rounds]
    drop = float((clock.settings.max_drop or "0%").rstrip("% ")) / 100
    found = in_turns(before, now, 1 + drop)
    old, new = pair(1000 * median(before), 1000 * median(now))
    said = f"latency is {number(found.ratio)} times the base's ({old} → {new} ms, {found.rounds} rounds in turns)"
    details = {
        "ratio": found.ratio, "slower": found.slower, "rounds": found.rounds, "p_value": found.p_value,
        "baseline_ms": 1000 * median(before), "value_ms": 1000 * median(now), "max_drop": clock.settings.max_drop,
    }  # fmt: skip
    if found.verdict == "passed":
        return clock.check("latency.max-drop", "passed", f"{said}, at most {percent(drop)} slower", details=details)
    rest = f"more than {percent(drop)} slower in {found.slower} of {found.rounds} rounds (p = {found.p_value:.2g})"
    status: Status = failed_or_warned(clock.settings.severity) if found.verdict == "failed" else "inconclusive"
    return clock.check("latency.max-drop", status, what, f"{said}, {rest}", details=details)
