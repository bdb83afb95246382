"""Adapters: each module here makes a function that predicts out of one kind of saved model.

A module holds `PACKAGES` (what to install, by the name that is imported), `fits(path)` (whether a file or folder is
of its kind) and `load(path, settings)`, which returns the function. Its name is the kind, its docstring's first line
what the catalogue says.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Any, Dict, Tuple


class Unusable(Exception):  # noqa: N818 - it says what is wrong with a model, and its text is the whole message
    """A saved model that cannot be loaded or asked, in words for the user."""


def adapters() -> Dict[str, Any]:
    """Return the module of each kind."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module("%s.%s" % (__name__, name)) for name in names}


def adapter_for(path: str, kind: Any = None) -> Tuple[str, Any]:
    """Return the kind of what is saved at `path`, and its adapter; raise `Unusable` where it is of no known kind."""
    known = adapters()
    if kind is not None:
        return kind, known[kind]
    for name, adapter in known.items():
        if adapter.fits(path):
            return name, adapter
    raise Unusable(
        "%s is of no kind that is known by its name: say which with `artifact: {path: …, kind: …}` (%s)"
        % (os.path.basename(path), ", ".join(known))
    )


def needs(kind: str, adapter: Any, error: ImportError) -> Unusable:
    """Return what to tell the user where a package is missing, or is there and cannot be imported."""
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError):
        return Unusable("a package that it needs cannot be imported: %s" % error)
    package = {**_USUAL, **adapter.PACKAGES}.get(missing, missing)
    if missing in adapter.PACKAGES:
        return Unusable(
            "a model of the kind %s needs %s, which is not installed beside the project: pip install %s"
            % (kind, missing, package)
        )
    return Unusable(
        "it needs the module %s, which is not there: pip install %s, if it is a package" % (missing, package)
    )


_USUAL = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "PyYAML", "cv2": "opencv-python"}
