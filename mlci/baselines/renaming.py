"""A baseline under the names of today: what a change calls otherwise is still compared with what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from mlci.baselines.model import Found, Stored
from mlci.results.training import Training

T = TypeVar("T")


class Renaming:
    """Names of models, metrics files and assets, with their section, to those of now: `model.a` to `model.b`."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take the names of all that a baseline may have; without any, nothing is changed."""
        self._names = names

    def found(self, found: Found) -> Found:
        """Return what was found, under the new names."""
        if not self._names:
            return found
        return replace(
            found,
            stored=found.stored and self.stored(found.stored),
            predicted={
                self._model(model): replace(said, suites=self._keys(said.suites))
                for model, said in found.predicted.items()
            },
            history=tuple(map(self.stored, found.history)),
        )

    def stored(self, run: Stored) -> Stored:
        """Return the numbers of a run under the new names."""
        if not self._names:
            return run
        return replace(
            run,
            metrics=tuple(replace(one, name=self._name(one.name)) for one in run.metrics),
            fingerprints=self._keys(run.fingerprints),
            profiles=self._keys(run.profiles),
            trainings={self._model(model): tuple(map(self._training, each)) for model, each in run.trainings.items()},
        )

    def _training(self, one: Training) -> Training:
        return replace(one, values=tuple((self._name(name), part, value) for name, part, value in one.values))

    def _model(self, model: str) -> str:
        return self._name(f"model.{model}").removeprefix("model.")

    def _keys(self, values: Mapping[str, T]) -> dict[str, T]:
        return {self._name(key): value for key, value in values.items()}

    def _name(self, name: str) -> str:
        """Return the new name of a number, or of what else begins with the name of its model, file or asset.

        A name may begin with another: `model.a.b.f1` is of the model `a.b` where there is one.
        """
        begun = (old for old in self._names if name == old or name.startswith(f"{old}."))
        old = max(begun, key=len, default="")
        return self._names[old] + name.removeprefix(old) if old else name
