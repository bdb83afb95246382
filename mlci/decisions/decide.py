"""One decision of a run: against the last merge and the anchor, with what a project accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mlci.baselines.model import Found, Stored
from mlci.code.record import CodeRecord
from mlci.compare import compare
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.config.waivers import Waiver
from mlci.decisions import waivers
from mlci.decisions.churn import Changed, churn_of
from mlci.decisions.recipe import by_history
from mlci.decisions.requirement import require, strict_models
from mlci.decisions.trainings import Past, takes_no_seed
from mlci.model.paired import Predicted
from mlci.results.decision import Churn, Waived
from mlci.results.model import Anchor, Comparison, Metric
from mlci.results.training import Training


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """What this run found."""

    metrics: tuple[Metric, ...]
    fingerprints: Mapping[str, str]
    predicted: Mapping[str, Predicted]
    whole: bool = True
    """Whether it looked at everything, not at some gates or files alone."""
    trainings: Mapping[str, tuple[Training, ...]] = field(default_factory=dict)
    """The numbers of each training, of models whose recipe is judged."""
    code: CodeRecord | None = None
    """How each test ended and the coverage of each file, where the code gate ran."""
    lost: frozenset[str] = frozenset()
    """The gates that could not run, and the names that numbers begin with which a condition left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Against:
    """What it is compared with."""

    last: Found
    """The baseline of the last merge."""
    anchor: Found | None = None
    """The baseline of the pinned release, where one is pinned."""
    runs: tuple[Stored, ...] = ()
    """What was stored before, the newest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What blocks, and what there is to tell."""

    comparison: Comparison
    anchor: Anchor | None = None
    waivers: tuple[Waived, ...] = ()
    changed: Mapping[str, tuple[Changed, ...]] = field(default_factory=dict)
    """The examples whose prediction changed, by model."""


def decide(
    candidate: Candidate, against: Against, config: Config, *, accepted: Sequence[Waiver] = (), today: date
) -> Decision:
    """Compare a run with the last merge and with the anchor, each at half of the false-alarm rate, and apply waivers.

    `accepted` are the waivers of the configuration; `today` is the day by which they hold.
    """
    rate = config.false_alarm_rate / (2 if against.anchor else 1)
    last = waivers.apply(_judged(candidate, against.last, against.runs, config, rate=rate), accepted, today=today)
    anchor = _anchored(candidate, against, config, rate=rate)
    if anchor is not None:
        anchor = replace(anchor, comparison=waivers.apply(anchor.comparison, accepted, today=today))
    found = _churn(candidate, against.last)
    comparisons = [last] + ([anchor.comparison] if anchor else [])
    return Decision(
        comparison=replace(last, churn=tuple(churn for churn, _ in found)),
        anchor=anchor,
        waivers=waivers.told(accepted, comparisons, today=today, whole=_all_compared(candidate, comparisons)),
        changed={churn.model: changed for churn, changed in found},
    )


def _all_compared(candidate: Candidate, comparisons: Sequence[Comparison]) -> bool:
    """Whether a waiver that no change matches waives nothing, and the change is not just missing from this run."""
    return candidate.whole and not candidate.lost and any(one.changes for one in comparisons)


def _judged(
    candidate: Candidate, found: Found, runs: tuple[Stored, ...], config: Config, *, rate: float, single: bool = False
) -> Comparison:
    recipes = [name for name, model in config.model.items() if _is_recipe(name, model, candidate, found)]
    drawn = [one for one in candidate.metrics if any(one.name.startswith(f"model.{name}.") for name in recipes)]
    paired = {name: said for name, said in candidate.predicted.items() if name not in recipes}
    judged = sum(name in found.predicted for name in paired) + bool(drawn)
    metrics, found = _on_same_files(candidate, found)
    comparison = compare(
        metrics,
        candidate.fingerprints,
        found,
        whole=candidate.whole and not single,
        lost=candidate.lost,
        predicted=paired,
        false_alarm_rate=rate * (judged - bool(drawn)) / max(1, judged) or rate,
    )
    if drawn and found.stored is not None:
        past = Past(runs=runs, fingerprints=candidate.fingerprints, trainings=candidate.trainings)
        alone = found.stored if single else None
        comparison = by_history(comparison, drawn, past, false_alarm_rate=rate / max(1, judged), single=alone)
    return require(comparison, candidate.metrics, strict=strict_models(config)) if found.stored else comparison


def _is_recipe(name: str, model: Model, candidate: Candidate, found: Found) -> bool:
    """Whether it is the recipe of a model that is judged: one whose training has no noise is judged as it is."""
    stored = found.stored.trainings if found.stored else {}
    return model.estimand == "recipe" and not takes_no_seed(candidate.trainings.get(name, ()), stored.get(name, ()))


def _on_same_files(candidate: Candidate, found: Found) -> tuple[tuple[Metric, ...], Found]:
    """Return the numbers of both sides with coverage on the files that both have, where each file's is known."""
    if candidate.code is None or found.code is None or found.stored is None:
        return candidate.metrics, found
    from mlci.code.same_files import Files, on_same_files

    files = Files(counts=candidate.code.files, moved=candidate.code.moved)
    now, before = on_same_files(candidate.metrics, found.stored.metrics, files, found.code.files)
    return now, replace(found, stored=replace(found.stored, metrics=before))


def _anchored(candidate: Candidate, against: Against, config: Config, *, rate: float) -> Anchor | None:
    if against.anchor is None or config.baseline is None or config.baseline.anchor is None:
        return None
    comparison = _judged(candidate, against.anchor, against.runs, config, rate=rate, single=True)
    return Anchor(name=config.baseline.anchor, comparison=comparison, baseline=against.anchor.receipt)


def _churn(candidate: Candidate, found: Found) -> list[tuple[Churn, tuple[Changed, ...]]]:
    pairs = [
        (name, found.predicted[name], now)
        for name, now in candidate.predicted.items()
        if name in found.predicted and _same_data(name, candidate, found)
    ]
    return [one for name, before, now in pairs if (one := churn_of(name, before, now)) is not None]


def _same_data(model: str, candidate: Candidate, found: Found) -> bool:
    """Whether a model was evaluated on the same examples; one that was run in this run is matched by their ids."""
    key = f"model.{model}.evaluate"
    stored = found.stored.fingerprints if found.stored else {}
    return not found.predicted[model].stored or stored.get(key) == candidate.fingerprints.get(key)
