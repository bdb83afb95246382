"""A baseline keeps how each test ended and what of each file it covered, and a run of a change has both."""

import subprocess
import sys

import pytest

from mlci import engine
from mlci.baselines import bundle
from mlci.config.load import load
from mlci.interpreter import Interpreter

pytestmark = pytest.mark.slow
PERSON = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
CONFIG = """version: 1
project: p
code: {pytest: [tests], source: [shop]}
baseline: {store: folder, folder: ../kept}
"""
FILES = {
    "shop/__init__.py": "",
    "shop/price.py": "def price(amount):\n    if amount < 0:\n        raise ValueError\n    return amount\n",
    "tests/test_price.py": "import pytest\nfrom shop.price import price\n\n\ndef test_price():\n    assert price(1) == 1\n"
    "\n\n@pytest.mark.skip(reason='later')\ndef test_other():\n    pass\n",
    ".gitignore": "__pycache__\nmlci-report\n",
}


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in {**FILES, "mlci.yaml": CONFIG}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for command in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "c"]):
        subprocess.run(["git", *PERSON, *command], cwd=root, check=True, capture_output=True)
    return root


def test_tests_and_coverage_by_file_are_kept(project):
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "baseline", "save", "--python", sys.executable],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    raw = next((project.parent / "kept").glob("*/*.zip")).read_bytes()
    kept = bundle.loads(raw, bundle.Expected(project="p")).code
    outcomes = {name: one.outcome for name, one in kept.tests.items()}
    assert outcomes == {"tests/test_price.py::test_price": "passed", "tests/test_price.py::test_other": "skipped"}
    assert {name: (one.statements, one.covered) for name, one in kept.files.items()} == {
        "shop/__init__.py": (0, 0),
        "shop/price.py": (4, 3),
    }
    request = engine.Request(
        loaded=load(project / "mlci.yaml", start=project),
        out=project / "mlci-report",
        environ={},
        find_python=lambda: Interpreter(path=sys.executable, why="the tests' own"),
        base="HEAD",
    )
    assert request.baseline.code == kept
