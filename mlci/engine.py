"""One run: the gates in order, the comparison with the baseline, and the results."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlci import __version__
from mlci.ci import origin_of
from mlci.decisions.of_run import Decided, code_of, decided_of, fingerprints_of, predicted_of, trainings_of
from mlci.gates import Outcome
from mlci.results.model import (
    SCHEMA,
    Results,
    verdict_of,
)
from mlci.results.posting import Posting
from mlci.rules.in_force import rules_of

if TYPE_CHECKING:
    from mlci.code.record import CodeRecord
    from mlci.model.paired import Predicted


from mlci.gates.running import outcomes_of, profiles_of
from mlci.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a run found, with what its models said, which is in no report."""

    results: Results
    predicted: Mapping[str, Predicted]
    code: CodeRecord | None = None


def run(request: Request) -> Results:
    """Run the gates, compare, and return the results; see `run_and_keep`."""
    return run_and_keep(request).results


def run_and_keep(request: Request) -> Ran:
    """Run the gates, compare, and return the results and what models said.

    Raises:
        UsageError: the configuration or the request is wrong. What a gate could not do is in the results.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    rules = rules_of(request)
    if rules.loaded is not request.loaded:
        request = replace(request, loaded=rules.loaded, known_base=request.base_commit)
    outcomes = [*([rules.outcome] if rules.outcome else []), *outcomes_of(request)]
    results = sum_up(request, outcomes, started=started, clock=clock, decided=decided_of(request, outcomes))
    results = replace(results, rule_changes=rules.changes)
    return Ran(results=results, predicted=predicted_of(outcomes), code=code_of(outcomes))


def measure(request: Request) -> list[Outcome]:
    """Run the gates and return what each gave, compared with nothing."""
    return outcomes_of(request)


def sum_up(
    request: Request, outcomes: Sequence[Outcome], *, started: datetime, clock: float, decided: Decided
) -> Results:
    """Return the results of gates that ended; `started` and `clock` (of `time.monotonic`) are when they began."""
    statuses = [*(outcome.gate.status for outcome in outcomes), *decided.statuses]
    publish = request.loaded.config.publish
    return Results(
        schema=SCHEMA,
        mlci=__version__,
        project=request.loaded.config.project or request.loaded.root.name,
        started=started.isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - clock, 3),
        verdict=verdict_of(statuses),
        commit=request.repository.commit("HEAD") if request.repository else None,
        base=decided.base,
        origin=origin_of(
            request.environ, folder=request.repository.folder(request.loaded.root) if request.repository else ""
        ),
        gates=tuple(outcome.gate for outcome in outcomes),
        metrics=tuple(metric for outcome in outcomes for metric in outcome.metrics),
        comparison=decided.comparison,
        baseline=decided.receipt,
        anchor=decided.anchor,
        waivers=decided.waivers,
        history=decided.history,
        fingerprints=fingerprints_of(outcomes),
        profiles=profiles_of(outcomes),
        trainings=trainings_of(outcomes),
        show_values=request.loaded.config.show_values,
        posting=Posting(**asdict(publish)) if publish else Posting(),
        cell=request.leg,
    )
