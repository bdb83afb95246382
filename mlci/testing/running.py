"""All checks over one training: for notebooks, where a table is wanted and not an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlci.errors import did_you_mean
from mlci.testing.checks import CHECKS, settings_of
from mlci.testing.training import NotApplicable, Training, TrainingCheckFailed

Settings = Mapping[str, Mapping[str, Any]]
"""Settings of checks by the name of the check, without `assert_`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one check found; anything but `passed` says why."""

    name: str
    status: Literal["passed", "failed", "not applicable", "errored"]
    says: str


class Outcomes(tuple[Outcome, ...]):
    """The outcomes of all checks; printed, a table."""

    __slots__ = ()

    @property
    def passed(self) -> bool:
        """Whether at least one check passed and none failed or ended with an error."""
        statuses = {outcome.status for outcome in self}
        return "passed" in statuses and not statuses & {"failed", "errored"}

    def __repr__(self) -> str:
        width = max((len(outcome.name) for outcome in self), default=0)
        lines = [
            f"{outcome.status:<14}  {outcome.name:<{width}}  {outcome.says}".replace("\n", "\n" + " " * (width + 18))
            for outcome in self
        ]
        return "\n".join(lines)

    __str__ = __repr__


def check_all(training: Training, *, settings: Settings | None = None) -> Outcomes:
    """Run every check and return what each found; `settings` are arguments of checks by name.

    Raises:
        ValueError: `settings` names a check or an argument that there is not.
    """
    settings = settings or {}
    refuse_unknown(settings)
    return Outcomes(outcome_of(name, training, settings.get(name, {})) for name in CHECKS)


def refuse_unknown(settings: Settings) -> None:
    """Raise `ValueError` for a check or an argument of one that there is not."""
    for name, arguments in settings.items():
        if name not in CHECKS:
            raise ValueError(f'unknown training check "{name}" {did_you_mean(name, CHECKS)}'.strip())
        for argument in arguments:
            if argument not in settings_of(name):
                known = ", ".join(settings_of(name)) or "none"
                raise ValueError(f'the training check "{name}" takes no setting "{argument}" (it takes {known})')


def outcome_of(name: str, training: Training, arguments: Mapping[str, Any]) -> Outcome:
    """Run one check and return what it found."""
    try:
        return Outcome(name=name, status="passed", says=CHECKS[name](training, **arguments))
    except TrainingCheckFailed as failure:
        return Outcome(name=name, status="failed", says=str(failure))
    except NotApplicable as reason:
        return Outcome(name=name, status="not applicable", says=str(reason))
    except Exception as error:  # noqa: BLE001 - the project's own code may raise anything, and the others still run
        return Outcome(name=name, status="errored", says=f"{type(error).__name__}: {error}")
