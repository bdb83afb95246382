"""What predictions depend on beside the model's files and its inputs."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any, Dict, List


def surroundings() -> Dict[str, Any]:
    """Return the interpreter, the machine, the installed packages with versions, and where modules came from.

    `elsewhere` are files of loaded modules that are neither of the interpreter's environment nor of the project:
    what they hold can change without a new version.
    """
    return {
        "python": sys.version,
        "machine": [platform.system(), platform.machine()],
        "packages": _packages(),
        "elsewhere": _elsewhere(os.getcwd()),
    }


def _packages() -> List[str]:
    """Return the names of the folders of metadata on the path: they hold name and version of each package."""
    found = set()
    for folder in sys.path:
        try:
            found |= {name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))}
        except OSError:
            continue
    return sorted(found)


def _elsewhere(root: str) -> List[str]:
    homes = {os.path.realpath(one) + os.sep for one in (root, sys.prefix, sys.base_prefix, os.path.dirname(__file__))}
    homes |= {os.path.realpath(one) + os.sep for one in sys.path if one.endswith(("site-packages", "dist-packages"))}
    homes |= {os.path.dirname(os.path.realpath(os.__file__)) + os.sep}
    worker = os.path.realpath(getattr(sys.modules.get("__main__"), "__file__", None) or "")
    paths = {os.path.realpath(getattr(one, "__file__", None) or "") for one in list(sys.modules.values())}
    return sorted(
        path for path in paths if os.path.isfile(path) and path != worker and not path.startswith(tuple(homes))
    )
