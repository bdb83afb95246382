import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder with real cases, which lies beside the project and not in it."""
    folder = Path(os.environ.get("MLCI_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"corpora not found at {folder}")
    return folder
