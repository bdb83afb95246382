"""The project file, `great_expectations.yml`: where it is, and where checkpoints, suites and data lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mlci.config.data import GreatExpectations
from mlci.documents import Document, read
from mlci.errors import CannotRun, MlciError, Where

FILE = "great_expectations.yml"
_INSIDE = ("", "gx", "great_expectations")
_VARIABLE = re.compile(r"(?<!\\)\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project of Great Expectations as its file describes it."""

    root: Path
    """The folder of `mlci.yaml`."""
    settings: GreatExpectations
    folder: Path
    """The folder of the project file."""
    document: Document
    environ: Mapping[str, str]

    @property
    def file(self) -> Path:
        """The project file."""
        return self.folder / FILE

    @property
    def name(self) -> str:
        """What checks of the project as a whole call it."""
        return self.shown(self.folder).strip("./") or "great_expectations"

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a mapping of the project file; an empty one where there is none."""
        value = self.document.value.get(name)
        return value if isinstance(value, Mapping) else {}

    def shown(self, path: Path) -> str:
        """Return what messages call a file: its path from the folder of `mlci.yaml`."""
        return shown(self.root, path)

    def read(self, path: Path) -> Document:
        """Return the content of a file of the project.

        Raises:
            MlciError: it cannot be read, or is no mapping.
        """
        return _read(path, self.shown(path))

    def store(self, kind: str, default: str) -> Path:
        """Return the folder of a store of the project (`checkpoint_store`, …).

        Raises:
            CannotRun: the store is no folder of files.
        """
        name = str(self.document.value.get(f"{kind}_name") or kind)
        store = self.part("stores").get(name)
        backend = store.get("store_backend") if isinstance(store, Mapping) else None
        if not isinstance(backend, Mapping):
            return self.folder / default
        where = self.document.where("stores", name, "store_backend")
        backend_class = backend.get("class_name")
        if backend_class not in (None, "TupleFilesystemStoreBackend"):
            raise CannotRun(f"the {kind} is a {backend_class}; only folders of files are read", where=where)
        return self.folder / self.filled(str(backend.get("base_directory") or default), where)

    def filled(self, text: str, where: Where) -> str:
        """Return `text` with `${NAME}` replaced from the environment, or from the file of variables.

        Raises:
            CannotRun: a variable has no value.
        """
        return _VARIABLE.sub(lambda found: self._variable(found.group(1) or found.group(2), where), text)

    def _variable(self, name: str, where: Where) -> str:
        value = self.environ.get(name, self._variables.get(name))
        if value is None:
            raise CannotRun(f"the variable {name} has no value", where=where, fix="Set it in the environment.")
        return str(value)

    @cached_property
    def _variables(self) -> Mapping[str, Any]:
        written = self.document.value.get("config_variables_file_path")
        path = self.folder / str(written or "")
        return self.read(path).value if written and path.is_file() else {}


def open_project(root: Path, settings: GreatExpectations, environ: Mapping[str, str], where: Where) -> Project:
    """Return the project that `settings`, which stand at `where`, name.

    Raises:
        MlciError: there is no project file, or it cannot be read.
    """
    folder = root / settings.project
    for inside in _INSIDE:
        if (folder / inside / FILE).is_file():
            found = folder / inside
            document = _read(found / FILE, shown(root, found / FILE))
            return Project(root=root, settings=settings, folder=found, document=document, environ=environ)
    raise CannotRun(
        f"there is no {FILE} in `{settings.project}`, its gx/ or its great_expectations/",
        where=where,
        fix=_nearest(root),
    )


def _nearest(root: Path) -> str:
    pattern = [f"{'*/' * depth}{FILE}" for depth in range(4)]
    found = sorted(shown(root, path.parent) for each in pattern for path in root.glob(each))
    return f"There is one in {', '.join(f'`{folder}`' for folder in found[:3])}." if found else "Correct the folder."


def shown(root: Path, path: Path) -> str:
    """Return the path from `root` to `path`, without going through links."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _read(path: Path, name: str) -> Document:
    try:
        document = read(path.read_bytes(), name)
    except OSError as error:
        raise CannotRun(f"cannot be read: {error.strerror}", where=Where(path=name)) from error
    if not isinstance(document.value, Mapping):
        raise MlciError("is no mapping (name: value)", where=Where(path=name))
    return document


def first_there(places: Iterable[Path]) -> Path | None:
    """Return the first of `places` that exists."""
    return next((place for place in places if place.exists()), None)
