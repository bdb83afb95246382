"""What a store keeps of a run, and where it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlci.errors import MlciError
from mlci.results.model import READ, Metric, Receipt
from mlci.results.profile import Profile
from mlci.results.training import Training

if TYPE_CHECKING:
    from mlci.code.record import CodeRecord
    from mlci.model.paired import Predicted

SCHEMA = 1


class NoBaselineError(MlciError):
    """There is nothing at the base yet that numbers could be computed of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """Aggregates of one run: no rows, so that it can be committed."""

    __pydantic_config__ = READ

    schema: int
    """The version of this format."""
    mlci: str
    """The version of mlci that wrote it."""
    created: str
    """When the run began, in UTC by ISO 8601."""
    commit: str | None = None
    """The commit that was checked out."""
    metrics: tuple[Metric, ...] = ()
    """Its numbers."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Digests of evaluation data and metric code."""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    """Distributions of data and of predictions."""
    trainings: Mapping[str, tuple[Training, ...]] = field(default_factory=dict)
    """The numbers of each training, of models whose recipe is judged."""
    new_level: bool = False
    """Whether numbers start at another level here, so that runs before it say nothing of those after."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Computed:
    """A baseline with what its models said, computed in this run or out of a store that keeps that."""

    stored: Stored
    predicted: Mapping[str, Predicted] = field(default_factory=dict)
    """What each model said of its examples."""
    history: tuple[Stored, ...] = ()
    """The numbers of the runs stored before it, the newest first."""
    code: CodeRecord | None = None
    """How each test ended, and the coverage of each file; None where the code gate did not run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A baseline, or none, with the receipt of the search."""

    stored: Stored | None
    receipt: Receipt
    predicted: Mapping[str, Predicted] = field(default_factory=dict)
    """What each model said of its examples, where that was kept or computed in this run."""
    history: tuple[Stored, ...] = ()
    """The numbers of the runs stored before it, the newest first, where the store keeps them."""
    code: CodeRecord | None = None
    """How each test ended and the coverage of each file, where the store keeps them or they were computed now."""
    error: str | None = None
    """Why a baseline that must be there could not be looked for; a comparison without it is errored."""

    @property
    def as_computed(self) -> Computed:
        """What was found, with what is kept beside it."""
        if self.stored is None:
            raise NoBaselineError("there is no baseline")
        return Computed(stored=self.stored, predicted=self.predicted, history=self.history, code=self.code)
