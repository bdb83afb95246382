"""What conditions (`when:`) must keep to."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.model import Config
from mlci.config.when import WHEN, When, when_of
from mlci.locations import is_url
from mlci.places import Key

Problem = tuple[Key, str, str]


def problems_of_conditions(config: Config) -> Iterator[Problem]:
    """Give what is wrong with a condition: one that no file can meet."""
    for key, when in _conditions(config):
        if when is not None:
            yield from _problems(key, when)
    for gate in config.when:
        if not config.names(gate):
            yield (WHEN, gate), f"there is no `{gate}:` that it could hold for", ""


def _conditions(config: Config) -> Iterator[tuple[Key, When | None]]:
    yield from (((WHEN, gate), when) for gate, when in config.when.items())
    yield ("code", WHEN), config.code.when if config.code else None
    yield from ((("data", name, WHEN), asset.when) for name, asset in config.data.items())
    yield from ((("metrics", file, WHEN), when_of(entries)) for file, entries in config.metrics.items())
    for at, project in enumerate(config.great_expectations):
        if not isinstance(project, str):
            yield ("great-expectations", at, WHEN), project.when
    for name, model in config.model.items():
        yield ("model", name, WHEN), model.when
        for at, suite in enumerate(model.behaviour):
            if not isinstance(suite, str):
                yield ("model", name, "behaviour", at, WHEN), suite.when


def _problems(key: Key, when: When) -> Iterator[Problem]:
    if all(pattern.startswith("!") for pattern in when.changed):
        yield (*key, "changed"), "names no file", "Add patterns, such as `src/**/*.py`; those with `!` only take out."
    for at, pattern in enumerate(when.changed):
        if not pattern.strip("!/. ") and pattern not in (".", "./"):
            yield (*key, "changed", at), f'"{pattern}" names no file', ""
        elif is_url(pattern) or pattern.removeprefix("!").startswith("/"):
            yield (*key, "changed", at), f'must be relative to mlci.yaml, not "{pattern}"', ""
