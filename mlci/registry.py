"""One registry for everything that grows by adding a function: expectations, perturbations, metrics, reports."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from mlci.errors import UsageError, did_you_mean

T = TypeVar("T", bound=Callable[..., object])


class Registry(Generic[T]):
    """Named callables of one kind, found in the modules of one package on the first look-up.

    What is asked for by name is taken from the module that defines a function of that name, where there is one; every
    module is imported only when all entries are wanted, or when a name is not found so.

    `kind` is the word used in messages ("expectation"); `package` is the dotted name of the package to walk.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._entries: dict[str, T] = {}
        self._walked = False

    def register(self, name: str, entry: T) -> T:
        """Add `entry` under `name`; a second one of that name or one without a docstring is refused."""
        if name in self._entries:
            raise ValueError(f'{self.kind} "{name}" is registered twice')
        if not (entry.__doc__ or "").strip():
            raise ValueError(f'{self.kind} "{name}" has no docstring')
        self._entries[name] = entry
        return entry

    def __getitem__(self, name: str) -> T:
        """Return the entry called `name`; raise `UsageError` with the nearest right name when there is none."""
        self._find(name)
        try:
            return self._entries[name]
        except KeyError:
            raise UsageError(
                f'unknown {self.kind} "{name}"', fix=did_you_mean(name, self._entries) or self._advice()
            ) from None

    def __contains__(self, name: object) -> bool:
        self._find(name)
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._walk()
        return iter(sorted(self._entries))

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of `name`: what reports and the catalogue print."""
        return (self[name].__doc__ or "").strip().splitlines()[0]

    def _find(self, name: object) -> None:
        if self._walked or name in self._entries:
            return
        defined = f"\ndef {name}("
        for module in self._modules():
            source = importlib.util.find_spec(module)
            if source and source.origin and defined in Path(source.origin).read_text(encoding="utf-8"):
                importlib.import_module(module)
        if name not in self._entries:
            self._walk()

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        for module in self._modules():
            importlib.import_module(module)

    def _modules(self) -> Iterator[str]:
        package = importlib.import_module(self.package)
        yield from (f"{self.package}.{module.name}" for module in pkgutil.iter_modules(package.__path__))

    def _advice(self) -> str:
        return f"`mlci catalogue` lists every {self.kind}."
