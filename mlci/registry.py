"""One registry for everything that grows by adding a function: expectations, perturbations, metrics, reports."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from mlci.errors import UsageError, did_you_mean

T = TypeVar("T", bound=Callable[..., object])


class Registry(Generic[T]):
    """Named callables of one kind, found by importing every module of one package on the first look-up.

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
        self._walk()
        try:
            return self._entries[name]
        except KeyError:
            raise UsageError(
                f'unknown {self.kind} "{name}"', fix=did_you_mean(name, self._entries) or self._advice()
            ) from None

    def __contains__(self, name: object) -> bool:
        self._walk()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._walk()
        return iter(sorted(self._entries))

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of `name`: what reports and the catalogue print."""
        return (self[name].__doc__ or "").strip().splitlines()[0]

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")

    def _advice(self) -> str:
        return f"`mlci catalogue` lists every {self.kind}."
