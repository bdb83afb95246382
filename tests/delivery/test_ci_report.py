""".ci/junit.py: the closing line of CI, and no test skipped unseen."""

import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest
def test_passes(): pass
def test_skips(): pytest.skip("needs a moon")
@pytest.mark.xfail(strict=True)
def test_known(): assert False
"""
BROKEN = """
import pytest
@pytest.fixture
def leaves_badly():
    yield
    assert False
def test_passes_then_breaks(leaves_badly): pass
"""


def report(folder: Path, suite: str) -> Path:
    (folder / "test_it.py").write_text(suite, encoding="utf-8")
    arguments = ["-q", "-p", "no:cacheprovider", "--junitxml=unit.xml", "test_it.py"]
    subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=folder, capture_output=True, check=False)
    return folder / "unit.xml"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("mixed"), SUITE)


def closed(root: Path, folder: Path, report: Path, allowed: str) -> tuple[int, list[str]]:
    (folder / "allowed.txt").write_text(allowed, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, root / ".ci" / "junit.py", "allowed.txt", report],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.slow
def test_a_skip_without_an_allowed_reason_fails(root: Path, tmp_path: Path, mixed: Path) -> None:
    code, lines = closed(root, tmp_path, mixed, "# moon is only a comment\n")
    assert code == 1
    assert lines[0].startswith("skipped for no allowed reason: test_it::test_skips")
    assert "needs a moon" in lines[0]
    assert lines[-1] == "1 passed, 0 failed, 1 skipped"


@pytest.mark.slow
def test_an_allowed_skip_and_an_expected_failure_pass(root: Path, tmp_path: Path, mixed: Path) -> None:
    assert closed(root, tmp_path, mixed, "needs a [a-z]+\n") == (0, ["1 passed, 0 failed, 1 skipped"])


@pytest.mark.slow
def test_an_error_after_the_test_counts_as_failed(root: Path, tmp_path: Path) -> None:
    code, lines = closed(root, tmp_path, report(tmp_path, BROKEN), "")
    assert (code, lines) == (1, ["0 passed, 1 failed, 0 skipped"])


def test_no_test_at_all_fails(root: Path, tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text("<testsuites><testsuite tests='0'/></testsuites>", encoding="utf-8")
    assert closed(root, tmp_path, tmp_path / "unit.xml", "") == (1, ["0 passed, 0 failed, 0 skipped"])
