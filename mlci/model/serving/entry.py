"""What a worker calls: load a saved model, ask it, time it. Arguments and answers are plain JSON."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, Dict, List, Sequence

_PACKAGE = "mlci_served"


def _part(name: str) -> Any:
    """Return a module of this folder, which is a package under a name of its own: mlci may not be installed here."""
    if _PACKAGE not in sys.modules:
        folder = os.path.dirname(os.path.realpath(__file__))
        spec = importlib.util.spec_from_file_location(
            _PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )
        if spec is None or spec.loader is None:
            raise ImportError("%s cannot be imported" % folder)
        module = importlib.util.module_from_spec(spec)
        sys.modules[_PACKAGE] = module
        spec.loader.exec_module(module)
    return importlib.import_module("%s.%s" % (_PACKAGE, name))


def load(source: Dict[str, Any]) -> Dict[str, Any]:
    """Load what `source` names (`{target}` or `{artifact: settings}`); return how long that took and what it is."""
    found: Dict[str, Any] = _part("served").load(source)
    return found


def predict(source: Dict[str, Any], inputs: List[Any]) -> Any:
    """Return the predictions for `inputs`."""
    return _part("served").served(source)(inputs)


def time_calls(source: Dict[str, Any], batches: Sequence[List[Any]], plan: Dict[str, Any]) -> Dict[str, Any]:
    """Return the seconds of each call over `batches`, measured here, without the way to mlci and back."""
    timed: Dict[str, Any] = _part("measuring").time_calls(_part("served").served(source), batches, plan)
    return timed


def peak_memory() -> Any:
    """Return the largest size in bytes that this process has had in memory so far; None where it is not known."""
    return _part("measuring").peak_memory()


def surroundings() -> Dict[str, Any]:
    """Return what predictions depend on beside the model and its inputs: interpreter, machine, installed packages."""
    found: Dict[str, Any] = _part("surroundings").surroundings()
    return found
