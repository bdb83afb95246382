from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora() -> Path:
    root = Path(__file__).resolve().parent.parent
    path = Path(os.environ.get("MLCI_CORPORA") or root.parent / "shared" / "corpora")
    if not path.is_dir():
        pytest.skip(f"corpora not found at {path}")
    return path
