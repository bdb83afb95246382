"""The model that this process serves: the project's own function, or a saved model behind an adapter."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Callable, Dict, List

from .adapters import Unusable, adapter_for, needs

Served = Callable[[List[Any]], Any]

_SERVED: Dict[str, Served] = {}


def load(source: Dict[str, Any]) -> Dict[str, Any]:
    """Load the model once; return the seconds that it took and its kind."""
    started = time.perf_counter()
    served(source)
    kind = _kind(source["artifact"]) if "artifact" in source else "function"
    return {"seconds": time.perf_counter() - started, "kind": kind}


def served(source: Dict[str, Any]) -> Served:
    """Return the model that `source` names, loaded at the first call."""
    key = json.dumps(source, sort_keys=True)
    if key not in _SERVED:
        _SERVED[key] = _function(source["target"]) if "target" in source else _artifact(source["artifact"])
    return _SERVED[key]


def _function(target: str) -> Served:
    worker: Any = sys.modules["__main__"]
    try:
        found: Served = worker.load(target, os.getcwd())
    except worker.NotFound as error:
        raise Unusable(str(error)) from None
    except ImportError as error:
        raise Unusable("cannot be imported: %s" % error) from error
    return found


def _kind(settings: Dict[str, Any]) -> str:
    return str(settings.get("kind") or adapter_for(settings["path"])[0])


def _artifact(settings: Dict[str, Any]) -> Served:
    path = settings["path"]
    if not os.path.exists(path):
        raise Unusable("there is no such file or folder")
    kind, adapter = adapter_for(path, settings.get("kind"))
    try:
        model: Served = adapter.load(path, settings)
    except ImportError as error:
        raise needs(kind, adapter, error) from error
    return model
