"""The `perturb` of a test, as written, and its use on an input."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from mlci.errors import CannotRun, UsageError
from mlci.model.arguments import checked, main_setting
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.suite import Step
from mlci.perturbations import find
from mlci.perturbations.tabular import cell

MOST = 1000
"""At most so many changes of one text at once, and so many variants of one input."""


def chains_of(written: Any) -> tuple[tuple[Step, ...], ...]:
    """Return the chains of perturbations that `perturb` asks for.

    A name, `{name: settings}`, or a list of these, each of which makes variants of its own; a list inside the list
    is a chain, applied one after the other. Raises `UsageError` for unknown names and settings.
    """
    if isinstance(written, Step):
        return ((written,),)
    if isinstance(written, str):
        return ((_step(written, {}),),)
    if isinstance(written, Mapping):
        return tuple((_step(str(name), settings),) for name, settings in written.items())
    if not isinstance(written, Sequence):
        raise UsageError(f"`perturb` names perturbations, as `typos: {{n: 1}}`, not {written!r}")
    chains = tuple(chain for one in written for chain in _chains(one))
    if not all(chains):
        raise UsageError("`perturb` has an empty chain: name the perturbations of each")
    return chains


def _chains(written: Any) -> tuple[tuple[Step, ...], ...]:
    if isinstance(written, Sequence) and not isinstance(written, str):
        return (tuple(step for one in written for chain in chains_of(one) for step in chain),)
    return chains_of(written)


def _step(name: str, settings: Any) -> Step:
    found = find(name)
    if settings is None:
        settings = {}
    if not isinstance(settings, Mapping):
        settings = {main_setting(found.function): settings}
    named = {str(key).replace("-", "_"): value for key, value in settings.items()}
    column = named.pop("column", None) if found.of != "row" else None
    if column is not None and not isinstance(column, str):
        raise UsageError(f'perturbation "{found.name}": column is the name of a column, not {column!r}')
    of = f'perturbation "{found.name}"'
    settings = checked(found.function, named, of=of)
    if not found.in_worker:
        _check_settings(of, settings)
    return Step(perturbation=found, settings=settings, column=column)


def _check_settings(of: str, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{of}: {name} is no finite number: {value}")
        if name == "n" and not 1 <= value <= MOST:
            raise UsageError(f"{of}: n is a whole number from 1 to {MOST:,}, not {value!r}")


def learned(chain: Sequence[Step], originals: Sequence[Any]) -> tuple[Step, ...]:
    """Return `chain` with the settings filled in that depend on all the originals of a test."""
    return tuple(
        step
        if step.perturbation.learn is None
        else replace(step, settings=step.perturbation.learn(originals, step.settings))
        for step in chain
    )


def changed(original: Any, chain: Sequence[Step], rng: Random, images: Images) -> Any:
    """Return `original` after each perturbation of `chain`; an equal value where they change nothing.

    An image is a path, of the original and of the changed one. Raises `CannotRun` for inputs of another kind.
    """
    for step in chain:
        original = _one(original, step, rng, images)
    return original


def _one(original: Any, step: Step, rng: Random, images: Images) -> Any:
    if step.perturbation.of == "row":
        if not isinstance(original, Mapping):
            raise CannotRun(f'perturbation "{step.name}" changes rows, and the inputs are single values')
        return _used(step, original, rng)
    if step.column is not None:
        value = cell(original, step.column)
        return {**original, step.column: _value(value, step, rng, images)} if isinstance(value, str) else original
    if not isinstance(original, str):
        what = "images" if step.perturbation.of == "image" else "texts"
        raise CannotRun(
            f'perturbation "{step.name}" changes {what}, and the inputs are not',
            fix=f"name the column, as `{step.name}: {{column: text}}`." if isinstance(original, Mapping) else "",
        )
    return _value(original, step, rng, images)


def _value(value: str, step: Step, rng: Random, images: Images) -> str:
    def change(one: Any) -> Any:
        return _used(step, one, rng)

    if step.perturbation.in_worker and step.perturbation.of == "image":
        path = str(images.root / value)
        written = _used(step, path, rng, folder=str(images.folder))
        return value if written == path else str(written)
    return images.changed(value, change) if step.perturbation.of == "image" else str(change(value))


def _used(step: Step, value: Any, rng: Random, **more: Any) -> Any:
    try:
        return step.perturbation(value, rng, **step.settings, **more)
    except (ValueError, TypeError, ArithmeticError) as error:
        settings = ", ".join(f"{name}: {setting}" for name, setting in step.settings.items())
        raise CannotRun(f'perturbation "{step.name}" cannot be used with {{{settings}}}: {error}') from None
