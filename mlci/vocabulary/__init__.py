"""A project's own vocabulary: its expectations, perturbations, metrics and so on, beside the built-in ones.

What a project's functions are is asked of the worker, once, and only where something may name them; they are called
there too. In a notebook or a test, which is the user's own process already, they are called where they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.vocabulary.function import Function, Kind, function_of
from mlci.vocabulary.host import Here, Host
from mlci.vocabulary.loading import WORDS, Loaded, Problem, load, load_here, plain

__all__ = ["Function", "Host", "Kind", "Problem", "Vocabulary", "here", "of_modules"]


class Vocabulary:
    """The functions that `loaded` gives when one is first asked for, and any that is named as `module:function`."""

    def __init__(self, host: Host, loaded: Callable[[], Loaded] = Loaded) -> None:
        self.host = host
        self._load = loaded
        self._at: dict[tuple[Kind, str], Function] = {}

    def functions(self, kind: Kind) -> list[Function]:
        """Return the functions of a kind, in order of their names."""
        found = (each for (of, _), each in self._loaded.functions.items() if of == kind)
        return sorted(found, key=lambda each: each.name)

    def find(self, kind: Kind, name: str) -> Function | None:
        """Return the function of `kind` called `name`, or nothing; dashes and underscores are alike."""
        return self._loaded.functions.get((kind, plain(name)))

    def named(self, kind: Kind, name: str, built_in: Iterable[str]) -> Function:
        """Return the function of `kind` called `name`; the name may be `module:function` too.

        `built_in` are the names that mlci has itself, for the nearest right one.

        Raises:
            CannotRun: it cannot be imported, or may be in a module of plugins that cannot be used.
            UsageError: there is no such name.
        """
        if ":" in name:
            return self.at(kind, name)
        found = self.find(kind, name)
        if found is not None:
            return found
        if self.problems:
            fault = self.problems[0]
            raise CannotRun(f"`{name}` is not built in, and {fault.module} cannot be used: {fault.reason}")
        known = [*built_in, *(each.name for each in self.functions(kind))]
        fix = did_you_mean(name, known) or f"`mlci catalogue` lists every {WORDS[kind]}."
        raise UsageError(f'unknown {WORDS[kind]} "{name}"', fix=fix)

    def at(self, kind: Kind, target: str) -> Function:
        """Return the function at `module:function`, used as `kind`.

        Raises:
            CannotRun: it cannot be imported.
            UsageError: it is marked as something else.
        """
        if (kind, target) not in self._at:
            found = function_of(self.host.ask("describe", target, kind), target=target, root=self.host.root)
            if found.kind != kind:
                raise UsageError(f"{target} is decorated as {WORDS[found.kind]}, not as {WORDS[kind]}")
            self._at[kind, target] = found
        return self._at[kind, target]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the modules: each that cannot be used, and each function with a name that is taken."""
        return self._loaded.problems

    def close(self) -> None:
        """End the process that the functions run in; asking again starts another."""
        self.host.close()

    @cached_property
    def _loaded(self) -> Loaded:
        return self._load()


def of_modules(modules: Sequence[str], host: Host) -> Vocabulary:
    """Return the vocabulary of `modules`: names of modules, or paths of Python files."""
    return Vocabulary(host, lambda: load(modules, host))


def here(root: str | os.PathLike[str] = ".") -> Vocabulary:
    """Return the vocabulary of this process: every function that was decorated in it.

    Raises:
        UsageError: one has the name of something built in.
    """
    from mlci.plugins import REGISTERED

    host = Here(root)
    found = load_here(REGISTERED, host)
    if found.problems:
        raise UsageError(found.problems[0].reason)
    return Vocabulary(host, lambda: found)
