"""One model of the configuration, and what the gate has found of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mlci.config.models import Model
from mlci.errors import CannotRun, UsageError, Where
from mlci.gates import Context
from mlci.model.evaluation import Evaluation, read_evaluation
from mlci.model.paired import Predicted
from mlci.results.model import Check, Metric
from mlci.results.profile import Profile
from mlci.results.training import Training


@dataclass(kw_only=True, slots=True)
class Tally:
    """What the gate has found so far."""

    checks: list[Check] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    predicted: dict[str, Predicted] = field(default_factory=dict)
    trainings: dict[str, tuple[Training, ...]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add what was found elsewhere."""
        self.checks += other.checks
        self.metrics += other.metrics
        self.fingerprints.update(other.fingerprints)
        self.profiles.update(other.profiles)
        self.predicted.update(other.predicted)
        self.trainings.update(other.trainings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One model of the configuration."""

    name: str
    model: Model
    context: Context

    def where(self, *key: str | int) -> Where:
        """Return the place of a key of this model in `mlci.yaml`."""
        return self.context.where("model", self.name, *key)

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Give every `UsageError` raised inside the place of `key`, unless it has one."""
        try:
            yield
        except UsageError as error:
            if error.where is not None:
                raise
            name = f"model.{self.name}.{key}"
            raise UsageError(error.what, where=self.where(key), key=name, fix=error.fix) from None

    def errored(self, part: str, error: CannotRun, summary: str, *key: str) -> Check:
        """Return the check `model.<name>.<part>` for something that could not be done."""
        details = getattr(error, "details", "")
        return Check(
            id=f"model.{self.name}.{part}",
            status="errored",
            summary=summary,
            reason=str(error),
            where=error.where or self.where(*key),
            details={"output": details} if details else {},
        )


def examples_of(subject: Subject) -> Evaluation:
    """Return the labelled examples of a model; raise `CannotRun` where it has none or they cannot be read."""
    if subject.model.evaluate is None:
        raise CannotRun("there are no labelled examples: `evaluate` is missing", where=subject.where())
    return read_evaluation(subject.model.evaluate, root=subject.context.root)
