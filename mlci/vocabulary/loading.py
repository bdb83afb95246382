"""Finding out which functions a project has, and which of them cannot have their name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from mlci.errors import CannotRun
from mlci.vocabulary.function import Function, Kind, function_of
from mlci.vocabulary.host import Here, Host


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with a module of plugins, or with one of its functions."""

    module: str
    reason: str
    details: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What there is, and what is wrong."""

    functions: Mapping[tuple[Kind, str], Function] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load(modules: Sequence[str], host: Host) -> Loaded:
    """Return the plugins of `modules`; one that cannot be imported, or has none, is a problem."""
    found: list[tuple[str, Function]] = []
    problems: list[Problem] = []
    for module in modules:
        try:
            described = host.ask("describe_module", module)
        except CannotRun as error:
            problems.append(Problem(module=module, reason=error.says, details=getattr(error, "details", "")))
            continue
        if not described:
            reason = f"{module} has no plugins: none of its functions is decorated"
            problems.append(Problem(module=module, reason=reason))
        found += [(module, _function(each, f"{module}:{each['attribute']}", host)) for each in described]
    return _kept(found, problems)


def load_here(functions: Iterable[Any], host: Here) -> Loaded:
    """Return the plugins that were decorated in this process; of two with one name the last counts."""
    from mlci.plugin_worker import describe

    found: dict[tuple[Kind, str], Function] = {}
    for each in functions:
        target = f"{each.__module__}:{each.__qualname__}"
        host.functions[target] = each
        function = _function(describe(each), target, host)
        found[function.kind, function.name] = function
    return _kept([(each.target, each) for each in found.values()], [])


def _function(described: Mapping[str, Any], target: str, host: Host) -> Function:
    return function_of(described, target=target, root=host.root)


def _kept(found: Iterable[tuple[str, Function]], problems: list[Problem]) -> Loaded:
    functions: dict[tuple[Kind, str], Function] = {}
    for module, function in found:
        refused = _refused(function, functions)
        if refused:
            problems.append(Problem(module=module, reason=refused))
        else:
            functions[function.kind, plain(function.name)] = function
    return Loaded(functions=functions, problems=tuple(problems))


def _refused(function: Function, known: Mapping[tuple[Kind, str], Function]) -> str | None:
    """Return why a plugin cannot have its name, if so."""
    place = f" ({function.where})" if function.where else ""
    if plain(function.name) in built_in(function.kind):
        what = f"a built-in {WORDS[function.kind]}, `{function.name}`"
        return f"{function.target}{place} has the name of {what}: give it another"
    other = known.get((function.kind, plain(function.name)))
    if other is not None and (other.where, other.digest) != (function.where, function.digest):
        return f"{function.target}{place} has the name of another plugin, {other.target}: give it another"
    return None


def built_in(kind: Kind) -> frozenset[str]:
    """Return the names that mlci itself has of `kind`, with underscores."""
    if kind not in _REGISTRIES:
        return frozenset()
    module, _, name = _REGISTRIES[kind].partition(":")
    known = [*getattr(import_module(module), name), *_WORDS_OF_SUITES.get(kind, ())]
    return frozenset(plain(each) for each in known)


def plain(name: str) -> str:
    """Return `name` with underscores for dashes: both are written."""
    return name.replace("-", "_")


WORDS: Mapping[Kind, str] = {
    "expectation": "expectation",
    "perturbation": "perturbation",
    "metric": "metric",
    "behaviour": "expectation",
    "cases": "maker of cases",
}
"""What each kind is called in messages."""
_REGISTRIES: Mapping[Kind, str] = {
    "expectation": "mlci.expectations:EXPECTATIONS",
    "perturbation": "mlci.perturbations:PERTURBATIONS",
    "metric": "mlci.metrics:METRICS",
    "behaviour": "mlci.model.behaviour.expectations:EXPECTATIONS",
}
_WORDS_OF_SUITES: Mapping[Kind, tuple[str, ...]] = {"behaviour": ("all", "any", "output", "function")}
"""What stands among expectations in a suite and is none."""
