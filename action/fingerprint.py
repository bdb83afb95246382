"""Print the key under which mlci's environment is cached: the same key means the same environment.

Arguments: the folder of mlci's source, the extras. The environment belongs to one interpreter; where it lies itself
does not matter, since nothing but that interpreter is called. The week is part of the key, so that newer releases of
what mlci depends on come in.
"""

import hashlib
import platform
import sys
import time
from pathlib import Path


def main(source: str, extras: str) -> None:
    """Print the key."""
    digest = hashlib.sha256()
    for part in (sys.executable, sys.version, ",".join(sorted(extras.split(","))), time.strftime("%G-%V")):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    root = Path(source)
    for path in sorted([root / "pyproject.toml", *(root / "mlci").rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    system = f"{platform.system()}-{platform.machine()}-py{platform.python_version()}".lower()
    print(f"mlci-{system}-{digest.hexdigest()[:32]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
