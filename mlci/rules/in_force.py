"""The rules that a run is judged by: the base's where a change is under review, with what it makes stricter."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.config.load import Loaded
from mlci.errors import MlciError
from mlci.gates import Outcome
from mlci.results.model import GATES, RULES, Check, Gate, worst
from mlci.results.rules import RuleChange
from mlci.rules.review import Review, review_of

if TYPE_CHECKING:
    from mlci.baselines.base import Base
    from mlci.request import Request

_MOST = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What is in force, and what the change does to it."""

    loaded: Loaded
    """The configuration to run."""
    changes: tuple[RuleChange, ...] = ()
    outcome: Outcome | None = None
    """The gate that tells of it; None where nothing changed."""


def rules_of(request: Request) -> Rules:
    """Return the rules in force: the work tree's own where the run is of no change under review."""
    own = Rules(loaded=request.loaded)
    review = _review(request)
    if review is None:
        return own
    started = time.monotonic()
    try:
        found = _judged(request, review, request.base_commit)
    except MlciError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect here must not lose what the gates find
        found = replace(own, outcome=_defect(error))
    if found.outcome is None:
        return found
    gate = replace(found.outcome.gate, duration_s=round(time.monotonic() - started, 3))
    return replace(found, outcome=replace(found.outcome, gate=gate))


def _judged(request: Request, review: Review, base: Base) -> Rules:
    from mlci.rules.comparing import compare
    from mlci.rules.opening import BrokenBaseError, sides_of

    own = request.loaded
    if request.repository is None or base.commit is None:
        nothing_known = base.broken or request.repository is None
        return Rules(loaded=own, outcome=_unknown(base) if nothing_known else None)
    try:
        sides = sides_of(own, request.repository, base.commit)
    except BrokenBaseError as error:
        changes: tuple[RuleChange, ...] = (RuleChange(kind="edited", what=str(error), where=own.where()),)
        return _told(Rules(loaded=own, changes=changes), review, own.config.rules_label, base.commit)
    if sides is None:
        return Rules(loaded=own)
    compared = compare(sides)
    label = sides.base.config.rules_label
    loaded = own if review.accepts(label) else compared.strict
    return _told(Rules(loaded=loaded, changes=compared.changes), review, label, base.commit)


def rules_of_projects(request: Request, *, known: Sequence[Path], root: Path) -> Rules:
    """Return what a change does to a list of projects, and to the configuration that has it.

    `request` is about the configuration of `root`, or about any other where none has a list; `known` are the
    configurations that the run is about.
    """
    own = Rules(loaded=request.loaded)
    review = _review(request)
    base = request.base_commit if review else None
    if review is None or request.repository is None or base is None or base.commit is None:
        return own
    from mlci.rules.comparing import compare
    from mlci.rules.opening import BrokenBaseError, sides_of
    from mlci.rules.projects import left_out
    from mlci.rules.trees import Commit, Disk

    is_list = request.loaded.root == root
    try:
        sides = sides_of(request.loaded, request.repository, base.commit) if is_list else None
    except BrokenBaseError:
        sides = None  # its projects say so themselves
    tree = Commit(repository=request.repository, commit=base.commit)
    listed = sides.base.config.projects if sides else ()
    gone = left_out(tree, Disk(top=request.repository.top.resolve()), root=root, listed=listed, known=known)
    alone = sides is not None and not any(sides.head.config.names(gate) for gate in GATES)
    changes = (*gone, *(compare(sides).changes if sides and alone else ()))
    label = sides.base.config.rules_label if sides else request.loaded.config.rules_label
    return _told(replace(own, changes=changes), review, label, base.commit)


def _review(request: Request) -> Review | None:
    if request.at_base or request.saving or request.offline or request.files is not None:
        return None
    return review_of(request.environ, base=request.base, accept=request.accept_rule_changes)


def _told(rules: Rules, review: Review, label: str, base: str) -> Rules:
    """Return the rules with the gate that says what changed and who lets it pass."""
    if not rules.changes:
        return rules
    why = review.accepts(label)
    kept = [replace(change, accepted=bool(why) and change.is_loose) for change in rules.changes[:_MOST]]
    loose = sum(change.is_loose for change in rules.changes)
    checks = [_check(change, why, label) for change in kept if change.is_loose]
    if loose > len(checks):
        checks.append(replace(checks[-1], id=f"{RULES}.more", summary=f"{loose - len(checks)} more rules are looser"))
    if not checks:
        said = f"no rule is looser than at {base[:10]}"
        checks = [Check(id=f"{RULES}.base", status="passed", summary=said)]
    return replace(rules, changes=tuple(kept), outcome=Outcome(gate=_gate(checks)))


def _check(change: RuleChange, why: str, label: str) -> Check:
    needed = f"it needs the label `{label}`, which a maintainer sets"
    return Check(
        id=f"{RULES}.{change.what}"[:200],
        status="warned" if why else "failed",
        severity="warning" if why else "error",
        summary=change.line,
        reason=f"{change.line}; let pass: {why}" if why else f"{change.line}; {needed}",
        where=change.where,
    )


def _unknown(base: Base) -> Outcome:
    """Say that the rules are not compared: an error where a base should be in the clone, else a warning."""
    check = Check(
        id=f"{RULES}.base",
        status="errored" if base.broken else "warned",
        severity="error" if base.broken else "warning",
        summary="the rules could not be compared",
        reason=f"the rules of the base are not known: {base.note}",
    )
    return Outcome(gate=_gate([check]))


def _defect(error: Exception) -> Outcome:
    import traceback

    said = f"a defect of mlci, please report it: {type(error).__name__}: {error}"
    check = Check(
        id=f"{RULES}.base",
        status="errored",
        summary="the rules could not be compared",
        reason=said,
        details={"traceback": traceback.format_exc()},
    )
    return Outcome(gate=_gate([check]))


def _gate(checks: list[Check]) -> Gate:
    status = worst(check.status for check in checks)
    reason = next((check.reason for check in checks if check.status == status), None)
    return Gate(name=RULES, status=status, reason=reason, checks=tuple(checks))
