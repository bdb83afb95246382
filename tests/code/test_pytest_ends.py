"""What is made of the ways in which pytest can end, and of its command and configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci.code.checks import Rules, of_tests
from mlci.code.failures import did_not_run, where_failed, why_failed_without_failure
from mlci.code.junit import TestRun
from mlci.code.options import added_options
from mlci.code.running import Call, Place, Reports, coverage_options, pytest_command
from mlci.config.code import CodeGate
from mlci.errors import Where
from mlci.interpreter import Interpreter
from mlci.processes import Ended

ROOT = Path("/nowhere")


def ended(returncode: int | None, *, kind: str = "exit", reason: str = "ended", out: str = "", err: str = "") -> Ended:
    return Ended(kind=kind, reason=reason, returncode=returncode, stdout=out, stderr=err, duration_s=1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [0, 1, 2, 5])
def test_a_run_with_a_report_is_read(code):
    assert did_not_run(ended(code), ROOT, has_report=True) is None


@pytest.mark.parametrize("code", [0, 1, 2, 5])
def test_a_run_without_a_report_is_an_error(code):
    error = did_not_run(ended(code), ROOT, has_report=False)
    assert "left no report" in str(error)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (ended(3, out="INTERNALERROR> Traceback\nINTERNALERROR> KeyError: 'a'\n"), "internal error: KeyError: 'a'"),
        (
            ended(4, err="ERROR: file or directory not found: tets\n\n"),
            "cannot start: file or directory not found: tets",
        ),
        (
            ended(
                4, err="ERROR: usage: pytest [options]\n  pytest: error: unrecognized arguments: -n\n  inifile: None"
            ),
            "cannot start: unrecognized arguments: -n",
        ),
        (ended(4), "cannot start: it printed nothing"),
        (
            ended(
                4,
                err="ImportError while loading conftest '/x/conftest.py'.\nE   ModuleNotFoundError: No module named 'n'",
            ),
            "cannot load this file: ModuleNotFoundError: No module named 'n'",
        ),
        (
            ended(7, reason="ended the process with exit code 7", err="oh\n"),
            "exit code 7, which is none of its own: oh",
        ),
        (ended(-11, kind="signal", reason="crashed with SIGSEGV"), "pytest crashed with SIGSEGV"),
        (ended(-9, kind="timeout", reason="did not end within 5 s"), "Raise `code.timeout`"),
        (ended(None, kind="missing", reason="cannot be started: no"), "pytest cannot be started: no"),
    ],
)
def test_a_run_that_did_not_end_is_an_error_even_with_a_report(end, said):
    assert said in str(did_not_run(end, ROOT, has_report=True))


def test_a_failure_that_no_test_shows_is_quoted():
    out = "1 passed\nFAIL Required test coverage of 99% not reached. Total coverage: 67.00%\n"
    assert "FAIL Required test coverage of 99%" in why_failed_without_failure(ended(1, out=out))
    checks = of_tests((run("passed"),), ROOT, Rules(allow_empty=True, also="why"))
    assert [(check.status, check.reason) for check in checks] == [("failed", "why")]


def run(outcome: str, text: str = "", **more: object) -> TestRun:
    given = {"id": "t.py::test_a", "file": "t.py", "line": 3, "message": "m", **more}
    return TestRun(outcome=outcome, text=text, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("tests", [(), (run("skipped"),)])
def test_nothing_tested_is_a_failure_unless_allowed(tests):
    (check,) = of_tests(tests, ROOT, Rules())
    assert check.status == "failed"
    assert "allow-empty" in (check.reason or "")
    assert of_tests(tests, ROOT, Rules(allow_empty=True))[0].status == "passed"


def test_failing_tests_are_counted_and_named_in_order():
    tests = [run("failed", id=f"t.py::test_{n}", line=n) for n in (5, 4, 3, 2)] + [
        run("passed"),
        run("error", id="u", file="u.py"),
    ]
    total, *each = of_tests(tests, ROOT, Rules())
    assert total.summary == "6 tests: 1 passed, 4 failed, 1 with an error"
    assert total.reason == "5 tests failed: t.py::test_2, t.py::test_3, t.py::test_4 and 2 more"
    assert [check.id for check in each][:2] == ["code.tests.t.py::test_2", "code.tests.t.py::test_3"]
    assert total.details["failures"] == 4
    assert len(total.details["failing"]) == 5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (">   assert 1 == 2\nE   assert 1 == 2\n\nt.py:7: AssertionError", 7),
        ("t.py:7: \n_ _ _\n\n/usr/lib/python3/json/decoder.py:353: JSONDecodeError", 7),
        ("t.py:9: \n.venv/lib/python3.11/site-packages/numpy/testing.py:3: AssertionError", 9),
        ('E     File "{root}/t.py", line 12\nE       def (\nE   SyntaxError', 12),
        ('Traceback:\n  File "{root}/t.py", line 4, in test_a\n    assert 0', 4),
        ("gone.py:7: AssertionError\n    t.py:99: in the source", 3),
        ("", 3),
    ],
)
def test_the_place_is_the_last_of_the_projects_own(tmp_path, text, line):
    (tmp_path / "t.py").write_text("")
    installed = tmp_path / ".venv/lib/python3.11/site-packages/numpy/testing.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("")
    found = where_failed(run("failed", text.replace("{root}", str(tmp_path))), tmp_path)
    assert found == Where(path="t.py", line=line)


def test_a_file_named_from_a_root_above_is_found(tmp_path):
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "t.py").write_text("")
    assert where_failed(run("failed", file="ml/t.py"), tmp_path / "ml") == Where(path="t.py", line=3)


def command(tmp_path: Path, **code: object) -> list[str]:
    place = Place(root=tmp_path, python=Interpreter(path=Path("py"), why=""), env={})
    gate, reports = CodeGate(**code), Reports(folder=Path("/t"))  # type: ignore[arg-type]
    coverage = coverage_options(gate, tmp_path, reports)
    return pytest_command(Call(arguments=gate.pytest, reports=reports, coverage=coverage, timeout_s=1), place)


def test_the_source_of_the_configuration_decides_what_is_measured(tmp_path):
    options = command(tmp_path, pytest=("tests", "--cov=other"), source=("a", "b c"))
    assert options.index("--cov-reset") > options.index("--cov=other")
    assert options[-4:] == ["--cov-reset", "--cov=a", "--cov=b c", "--cov-report=json:/t/coverage.json"]


@pytest.mark.parametrize(
    ("name", "text", "asked"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-q --cov=pkg"', True),
        ("pyproject.toml", '[tool.pytest]\naddopts = ["--cov"]', True),
        ("pytest.ini", "[pytest]\naddopts = --cov=%(pkg)s -q", True),
        ("tox.ini", "[pytest]\naddopts =\n  -q\n  --cov", True),
        ("setup.cfg", "[tool:pytest]\naddopts = --cov-branch", False),
        ("pyproject.toml", "[tool.black]\nline-length = 3", False),
        ("pyproject.toml", "not toml [", False),
        ("pytest.ini", "", False),
    ],
)
def test_without_a_source_the_projects_own_options_are_kept(tmp_path, name, text, asked):
    (tmp_path / name).write_text(text)
    assert ("--cov" in command(tmp_path)) is not asked


def test_an_empty_pytest_ini_hides_the_others(tmp_path):
    (tmp_path / "pytest.ini").write_text("")
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\naddopts = --cov=x")
    assert added_options(tmp_path) == ()


def test_what_follows_two_dashes_stays_behind_our_options(tmp_path):
    options = command(tmp_path, pytest=("-q", "--", "-odd-name.py"))
    assert options[-2:] == ["--", "-odd-name.py"]
    assert options.index("--junitxml=/t/junit.xml") < options.index("--")
