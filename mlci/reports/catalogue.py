"""The catalogue: everything that a configuration can name, made from the registries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlci.errors import UsageError, did_you_mean
from mlci.registry import Registry

if TYPE_CHECKING:
    from mlci.vocabulary import Kind, Vocabulary

KINDS = ("expectations", "metrics", "behaviour", "perturbations", "fairness", "adapters", "training", "hooks")


def registry(kind: str) -> Registry[Any]:
    """Return the registry called `kind`.

    Raises:
        UsageError: there is none of that name.
    """
    if kind == "expectations":
        from mlci.expectations import EXPECTATIONS

        return EXPECTATIONS
    if kind == "perturbations":
        from mlci.perturbations import PERTURBATIONS

        return PERTURBATIONS
    if kind == "behaviour":
        from mlci.model.behaviour.expectations import EXPECTATIONS as OF_PREDICTIONS

        return OF_PREDICTIONS
    if kind == "metrics":
        from mlci.metrics import METRICS

        return METRICS
    if kind == "hooks":
        from mlci.hooks import HOOKS

        return HOOKS
    if kind == "adapters":
        return _adapters()
    if kind == "fairness":
        from mlci.model.fairness import MEASURES

        return MEASURES
    if kind == "training":
        from mlci.testing.checks import CHECKS

        return CHECKS
    raise UsageError(f'no catalogue of "{kind}"', fix=did_you_mean(kind, KINDS) or f"There are {', '.join(KINDS)}.")


def _adapters() -> Registry[Any]:
    """Return the adapters of saved models: modules of the worker, which has no registry of mlci's."""
    from mlci.model.serving import adapters

    found: Registry[Any] = Registry("adapter", adapters.__name__)
    for name, adapter in adapters.adapters().items():
        found.register(name, adapter)
    return found


def render(kinds: Sequence[str], *, markdown: bool) -> str:
    """Return the names of each kind with the first line of their docstrings, as text or as Markdown tables."""
    return "\n".join(_section(kind, registry(kind), markdown=markdown) for kind in kinds)


_TITLES = {
    "expectations": "Expectations of data",
    "metrics": "Metrics",
    "behaviour": "Expectations of predictions, in behaviour suites",
    "perturbations": "Perturbations",
    "adapters": "Adapters of saved models",
    "fairness": "Measures between groups",
    "hooks": "Hooks for any repository",
    "training": "Training checks, for tests (`mlci.testing`)",
    "cases": "Makers of cases, in behaviour suites",
}


def render_own(vocabulary: Vocabulary, kinds: Sequence[str], *, markdown: bool) -> str:
    """Return the project's own functions of each kind in the same form; makers of cases stand behind behaviour."""
    text = ""
    for kind in (*(each for each in kinds if each in _OWN), *(("cases",) if "behaviour" in kinds else ())):
        rows = [(each.name, each.summary) for each in vocabulary.functions(_OWN[kind])]
        if rows:
            text += "\n" + _table(f"{_TITLES[kind]}, the project's own", rows, markdown=markdown)
    return text


_OWN: Mapping[str, Kind] = {
    "expectations": "expectation",
    "metrics": "metric",
    "behaviour": "behaviour",
    "perturbations": "perturbation",
    "cases": "cases",
}


def _section(kind: str, entries: Registry[Any], *, markdown: bool) -> str:
    return _table(_TITLES[kind], [(name, entries.summary(name)) for name in entries], markdown=markdown)


def _table(title: str, rows: Sequence[tuple[str, str]], *, markdown: bool) -> str:
    if markdown:
        lines = [f"## {title}", "", "| name | what it does |", "| --- | --- |"]
        lines += [f"| `{name}` | {says} |" for name, says in rows]
    else:
        width = max(len(name) for name, _ in rows)
        lines = [f"{title} ({len(rows)})", *(f"  {name.ljust(width)}  {says}" for name, says in rows)]
    return "\n".join([*lines, ""])
