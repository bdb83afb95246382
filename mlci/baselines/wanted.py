"""The numbers that a configuration names, for stores of other tools that know them by other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlci.config.model import Config
from mlci.results.model import Metric


def names_of(config: Config) -> Iterator[str]:
    """Give the name of every number of models and of metrics files that the configuration names."""
    for model, settings in config.model.items():
        for metric in settings.metrics:
            yield f"model.{model}.{metric}"
    for file, numbers in config.metrics.items():
        for path in numbers:
            yield f"metrics.{file}.{path}"


def known_as(name: str, config: Config) -> Iterator[str]:
    """Give the names that another tool may keep a number under, the likeliest first.

    That is mlci's own, then without the gate, then the metric alone where there is a single model or file.
    """
    yield name
    gate, _, rest = name.partition(".")
    yield rest
    groups: Mapping[str, object] = config.model if gate == "model" else config.metrics
    if len(groups) == 1:
        yield rest.removeprefix(f"{next(iter(groups))}.")


def aggregates(values: Mapping[str, float]) -> tuple[Metric, ...]:
    """Return numbers of another tool: on how many examples they were computed is not known."""
    return tuple(Metric(name=name, value=value) for name, value in values.items())
