"""What a pickle holds, as values that do nothing: names instead of what they name, records instead of objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlci.errors import CannotRun


class RefusedError(CannotRun):
    """The pickle asks for something that a suite of CheckList has no need of; nothing of it was run."""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a class or a function in a module that is never imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, slots=True)
class Made:
    """What a pickle wants made by calling `maker`; nothing was called."""

    maker: Name
    arguments: tuple[Any, ...] = ()
    items: list[Any] = field(default_factory=list)
    """What it wants appended."""
    entries: dict[Any, Any] = field(default_factory=dict)
    """What it wants set by key."""
    state: Any = None
    """What it wants for the object's own state: its attributes, where that is a mapping."""

    def attribute(self, name: str) -> Any:
        """Return an attribute, None where it has none of that name."""
        return self.state.get(name) if isinstance(self.state, dict) else None


CALLED = {
    "_codecs": {"encode"},
    "builtins": {"bytes", "frozenset", "getattr", "set", "setattr"},
    "checklist.abstract_test": {"AbstractTest"},
    "checklist.editor": {"MunchWithAdd"},
    "checklist.inv_dir": {"INV", "DIR"},
    "checklist.mft": {"MFT"},
    "checklist.test_suite": {"TestSuite"},
    "checklist.test_types": {"MFT", "INV", "DIR"},
    "collections": {"OrderedDict", "defaultdict"},
    "dill._dill": {
        "_create_array", "_create_cell", "_create_code", "_create_function", "_create_namedtuple", "_get_attr",
        "_import_module", "_load_type", "_setitems",
    },
    "dill._shims": {"_setattr", "_delattr"},
    "munch": {"Munch"},
    "numpy": {"dtype", "ndarray"},
    "types": {"CodeType"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core._multiarray_umath": {"_reconstruct", "scalar"},
}  # fmt: skip
"""The names that the pickle of a suite may want called, by module: of what stands for data. None is ever called."""
MENTIONED = frozenset({
    "builtins", "checklist", "collections", "dill", "functools", "itertools", "math", "munch", "numpy", "operator",
    "re", "string", "unicodedata",
})  # fmt: skip
"""The packages whose names the functions of a suite may use."""
NEVER = frozenset({
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit", "globals", "help", "input", "locals",
    "open", "quit", "vars",
})  # fmt: skip
"""Names of Python's own that no suite uses, and hostile pickles do."""


def named(module: Any, name: Any) -> Name:
    """Return the name of something that a suite may mention; raise `RefusedError` for any other."""
    if not isinstance(module, str) or not isinstance(name, str):
        raise RefusedError("the pickle makes up a name out of something that is no text")
    module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
    package = module.partition(".")[0]
    known = package in MENTIONED and "." not in name and not (package == "builtins" and name in NEVER)
    if not known and name not in CALLED.get(module, ()):
        raise RefusedError(f"the pickle asks for {module[:100]}.{name[:100]}, which no suite of CheckList needs")
    return Name(module, name)


def callable_as(value: Any) -> Name:
    """Return `value` where it is the name of something that a suite may want called; else raise `RefusedError`."""
    if not isinstance(value, Name):
        raise RefusedError("the pickle calls something that it has made itself")
    if value.name not in CALLED.get(value.module, ()):
        raise RefusedError(f"the pickle calls {str(value)[:200]}, which no suite of CheckList does")
    return value
