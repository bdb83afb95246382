"""Print the name of a leg of a matrix, and that name as part of an artifact's, on two lines; empty without a matrix.

Argument: the name that was given, else the `matrix` of the job as JSON in the environment variable MLCI_MATRIX.
"""

import hashlib
import json
import os
import re
import sys

LONGEST = 60


def name_of(matrix: object) -> str:
    """Return the values of a matrix, one behind the other."""
    if not isinstance(matrix, dict):
        return ""
    return ", ".join(one if isinstance(one, str) else json.dumps(one) for one in matrix.values())


def main(given: str) -> None:
    """Print both."""
    try:
        name = given.strip() or name_of(json.loads(os.environ.get("MLCI_MATRIX") or "null"))
    except ValueError:
        name = ""
    name = " ".join(name.split())
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:LONGEST]
    print(name)
    print(plain or (hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8] if name else ""))


if __name__ == "__main__":
    main(*sys.argv[1:])
