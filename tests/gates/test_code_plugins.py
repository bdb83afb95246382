"""The code gate beside pytest's plugins and on the projects of others, all of them installed from the package index."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CANDIDATES = {  # source distributions that carry their tests, with the folder of tests and what is measured
    "iniconfig": ("testing", "iniconfig"),
    "itsdangerous": ("tests", "itsdangerous"),
    "blinker": ("tests", "blinker"),
    "semver": ("tests", "semver"),
    "inflection": ("test_inflection.py", "inflection"),
    "xmltodict": ("tests", "xmltodict"),
    "parse": ("tests", "parse"),
}
_WANTED = 3
_NO_INDEX = "no package index can be reached"


def pip(folder: Path) -> list[str]:
    """Return the command of a pip, which this environment may lack."""
    own = [sys.executable, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    venv.create(folder / "pip", with_pip=True, symlinks=True)
    return [str(folder / "pip/bin/python"), "-m", "pip"]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def index(home):
    """Call pip, and skip where no package index answers."""
    command = pip(home)

    def call(*arguments: str) -> bool:
        done = subprocess.run(
            [*command, *arguments, "--disable-pip-version-check", "--retries=1", "--timeout=20"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and ("No matching distribution" in done.stderr or "Could not find" in done.stderr):
            pytest.skip(_NO_INDEX)
        return done.returncode == 0

    return call


def environment(folder: Path, *paths: Path) -> Path:
    """Make a virtual environment that sees this one's packages and those at `paths`, and return its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    own = [path for path in sys.path if path.endswith("site-packages")]
    mlci = str(Path(__file__).resolve().parents[2])  # which an editable installation only points to
    (site / "shared.pth").write_text("\n".join([*map(str, paths), *own, mlci]))
    return folder / "bin/python"


@pytest.fixture(scope="module")
def shuffled(home, index) -> Path:
    """An interpreter with pytest-randomly, pytest-xdist and nbmake."""
    target = home / "plugins"
    assert index("install", "-q", "--target", str(target), "pytest-randomly", "pytest-xdist", "nbmake", "ipykernel")
    return environment(home / "with-plugins", target)


def gate(folder: Path, python: Path, **code: object) -> dict[str, dict]:
    (folder / "mlci.yaml").write_text(json.dumps({"version": 1, "python": str(python), "code": code}))
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "code", "--out", str(folder.parent / "out")],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads((folder.parent / "out/results.json").read_text("utf-8"))
    found = {check["id"]: check for each in results["gates"] for check in each["checks"]}
    assert "code.tests" in found, done.stdout + done.stderr
    return found


@pytest.fixture
def folder(tmp_path) -> Path:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "shop.py").write_text("def price(x):\n    if x:\n        return 2 * x\n    return 0\n")
    tests = "import pytest, shop\n@pytest.mark.parametrize('x', range(8))\ndef test_price(x): assert shop.price(x) == 2 * x\n"
    (project / "tests/test_price.py").write_text(tests)
    return project


def test_shuffled_tests_on_several_processes_tell_their_seed_and_run_again(folder, shuffled):
    flaky = (
        "import pathlib\ndef test_flaky():\n    mark = pathlib.Path(__file__).with_name('m')\n"
        "    was = mark.exists()\n    mark.write_text('')\n    assert was\n"
    )
    (folder / "tests/test_flaky.py").write_text(flaky)
    checks = gate(folder, shuffled, **{"pytest": ["tests", "-n", "2"], "source": ["shop"], "rerun-failed": 1})
    assert checks["code.tests"]["summary"] == "9 tests: 8 passed, 1 flaky"
    assert re.fullmatch(r"--randomly-seed=\d+", checks["code.tests"]["details"]["seed"])
    assert checks["code.coverage.total"]["summary"] == "coverage 100.00 % of 4 statements (no limit)"


def notebook(*cells: str) -> str:
    listed = [
        {"cell_type": "code", "execution_count": None, "id": str(at), "metadata": {}, "outputs": [], "source": source}
        for at, source in enumerate(cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": listed, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def test_notebooks_run_as_tests(folder, shuffled):
    (folder / "good one.ipynb").write_text(notebook("a = 1", "assert a == 1"))
    (folder / "bad.ipynb").write_text(notebook("a = 1", "assert a == 2"))
    checks = gate(folder, shuffled, pytest=["tests", "-p", "no:randomly"], notebooks=["*.ipynb"])
    assert checks["code.tests"]["summary"] == "10 tests: 9 passed, 1 failed", checks["code.tests"]
    assert "bad.ipynb" in checks["code.tests"]["reason"]


def test_a_missing_nbmake_is_named_with_the_command_that_installs_it(folder, home):
    checks = gate(folder, environment(home / "without"), pytest=["tests"], notebooks=["*.ipynb"])
    assert checks["code.tests"]["status"] == "errored"
    assert "nbmake is missing in" in checks["code.tests"]["reason"]


@dataclass(frozen=True)
class Foreign:
    """A project of others with what pytest and coverage say of it themselves."""

    name: str
    root: Path
    python: Path
    counts: dict[str, int]
    totals: dict


@pytest.fixture(scope="module")
def projects(home, index) -> list[Foreign]:
    """Three projects of others whose tests run here."""
    names = sorted(CANDIDATES)
    random.Random(os.environ.get("MLCI_SEED", "0")).shuffle(names)
    found: list[Foreign] = []
    for name in names:
        if len(found) < _WANTED:
            found += taken(name, home, index)
    print("projects:", ", ".join(each.root.name for each in found))
    return found


def taken(name: str, home: Path, index: Callable[..., bool]) -> list[Foreign]:
    """Unpack a project and run its tests; nothing where they need what is not here."""
    target = home / "sources" / name
    if not index("download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(target), name):
        return []
    with tarfile.open(next(target.glob("*.tar.gz"))) as archive:
        archive.extractall(target, filter="data")
    root = next(path for path in target.iterdir() if path.is_dir())
    python = environment(home / f"for-{name}", root, root / "src")
    tests, source = CANDIDATES[name]
    report = target / "coverage.json"
    asked = [f"--cov={source}", "--cov-branch", f"--cov-report=json:{report}", "-p", "no:cacheprovider", "--color=no"]
    done = subprocess.run(
        [str(python), "-m", "pytest", tests, *asked],
        cwd=root,
        env={**os.environ, "COVERAGE_FILE": str(target / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or not report.is_file():
        return []
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1])}
    totals = json.loads(report.read_text("utf-8"))["totals"]
    return [Foreign(name=name, root=root, python=python, counts=counts, totals=totals)]


@pytest.mark.parametrize("place", range(_WANTED))
def test_counts_equal_those_of_pytest_and_coverage(projects, place):
    assert len(projects) == _WANTED
    theirs = projects[place]
    tests, source = CANDIDATES[theirs.name]
    checks = gate(theirs.root, theirs.python, pytest=[tests], source=[source], coverage={"branch": True})
    ours, counts, totals = checks["code.tests"]["details"], theirs.counts, theirs.totals
    assert ours["passed"] == counts.get("passed", 0) + counts.get("xpassed", 0) > 5
    assert ours["failures"] == counts.get("failed", 0)
    assert ours["errors"] == counts.get("error", 0) + counts.get("errors", 0)
    assert ours["skipped"] == counts.get("skipped", 0) + counts.get("xfailed", 0)
    coverage = checks["code.coverage.total"]["details"]
    assert coverage["percent"] == totals["percent_covered"]
    assert (coverage["statements"], coverage["covered"]) == (totals["num_statements"], totals["covered_lines"])
    assert (coverage["branches"], coverage["covered_branches"]) == (totals["num_branches"], totals["covered_branches"])
