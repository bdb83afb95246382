"""What every test may ask for."""

import importlib.util
import os
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real cases, where there is one."""
    folder = Path(os.environ.get("MLCI_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip("corpora not found: set MLCI_CORPORA to their folder")
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep compiled configurations of tests out of the user's cache, and the outer CI's event out of the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "RUNNER_", "GIT_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def full_of():
    """A function that returns results with one text in every place of the schema that holds text."""
    spec = importlib.util.spec_from_file_location("full_results", ROOT / "tests" / "full_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.full_of


@pytest.fixture
def lend_pytest():
    """Let an environment have this one's pytest and pytest-cov, and nothing else of it, as if they were installed."""

    def lend(environment):
        place = next((environment / "lib").glob("python3*/site-packages"))
        for name in ("pytest", "pytest-cov", "pluggy", "iniconfig", "packaging", "pygments", "coverage"):
            lent = distribution(name)
            files = [file for file in lent.files or () if file.parts[0] != ".." and file.suffix != ".pth"]
            for top in {file.parts[0] for file in files} - {"__pycache__"}:
                if not (place / top).exists():
                    (place / top).symlink_to(lent.locate_file(top))

    return lend
