"""The code gate on small real projects."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from importlib.metadata import distribution
from pathlib import Path

import pytest

from mlci.config.code import CodeGate, Coverage
from mlci.config.model import Config
from mlci.errors import CannotRun, UsageError, Where
from mlci.gates import Context, Outcome
from mlci.gates.code import run
from mlci.interpreter import Interpreter

pytestmark = pytest.mark.slow

OWN = Interpreter(path=Path(sys.executable), why="the tests' own")


@pytest.fixture
def gate(tmp_path):
    """Writes a project's files, runs the gate on it, and shows that nothing was left in the project."""

    def ran(
        files: dict[str, str], *, python: Interpreter = OWN, limited_to: frozenset[Path] | None = None, **code
    ) -> Outcome:
        root = tmp_path / "project"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(textwrap.dedent(text), "utf-8")
        context = Context(
            root=root,
            config=Config(version=1, code=CodeGate(**{"pytest": ("tests",), **code})),
            where=lambda *keys: Where(path="mlci.yaml", line=len(keys)),
            find_python=lambda: python,
            out=tmp_path / "out",
            files=limited_to,
        )
        outcome = run(context)
        left = {
            path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"
        }
        assert left == set(files)
        return outcome

    return ran


def statuses(outcome: Outcome) -> dict[str, str]:
    return {check.id: check.status for check in outcome.gate.checks}


SOURCE = {
    "shop/__init__.py": "",
    "shop/price.py": """
        def price(x):
            if x < 0:
                raise ValueError("below zero")
            return x * 2
    """,
}
PASSING = {"tests/test_price.py": "from shop.price import price\ndef test_price():\n    assert price(2) == 4\n"}
TOTALS = ("code.tests", "code.coverage.total")


@pytest.mark.slow
def test_passing_tests_pass_with_their_coverage(gate):
    outcome = gate({**SOURCE, **PASSING}, source=("shop",), coverage=Coverage(total=75, max_drop=0.5))
    assert outcome.gate.status == "passed"
    assert outcome.gate.reason is None
    assert statuses(outcome) == dict.fromkeys(TOTALS, "passed")
    assert [check.summary for check in outcome.gate.checks] == [
        "1 test: 1 passed",
        "coverage 75.00 % of 4 statements (at least 75 %)",
    ]
    tests, coverage = outcome.metrics
    assert (tests.name, tests.value, tests.n) == ("code.tests", 1.0, 1)
    assert (coverage.name, coverage.value, coverage.n, coverage.max_drop) == ("code.coverage.total", 75.0, 4, 0.5)
    assert coverage.higher_is_better is True


def test_failing_tests_fail_each_with_its_file_and_line(gate):
    tests = """
        import pytest
        from shop.price import price

        @pytest.fixture
        def broken():
            raise RuntimeError("no fixture")

        def test_fine(): price(1)

        class TestPrice:
            def test_wrong(self):
                value = price(2)
                assert value == 5, "a | b <c>"

        def test_deeper(): price(-1)

        def test_setup(broken): ...

        @pytest.mark.skip(reason="later")
        def test_later(): ...
    """
    files = {**SOURCE, "shop/unused.py": "def never():\n    return 1\n", "tests/test_price.py": tests}
    outcome = gate(files, source=("shop",), coverage=Coverage(total=90))
    assert outcome.gate.status == "failed"
    failing = {check.id: (check.reason, str(check.where)) for check in outcome.gate.checks[1:-1]}
    assert failing == {
        "code.tests.tests/test_price.py::TestPrice::test_wrong": (
            "AssertionError: a | b <c>",
            "tests/test_price.py:14",
        ),
        "code.tests.tests/test_price.py::test_deeper": ("ValueError: below zero", "shop/price.py:4"),
        "code.tests.tests/test_price.py::test_setup": (
            'failed on setup with "RuntimeError: no fixture"',
            "tests/test_price.py:7",
        ),
    }
    total = outcome.gate.checks[0]
    assert total.summary == "5 tests: 1 passed, 2 failed, 1 with an error, 1 skipped"
    assert total.details["failing"][1] == {
        "test": "tests/test_price.py::test_deeper",
        "file": "shop/price.py",
        "line": 4,
        "message": "ValueError: below zero",
    }
    assert statuses(outcome)["code.coverage.total"] == "failed"


def test_files_that_feed_nothing_skip_the_gate(gate, tmp_path):
    outcome = gate({**PASSING, "notes.md": ""}, limited_to=frozenset({tmp_path / "project" / "notes.md"}))
    assert outcome.gate.status == "skipped"
    assert "none of the files given" in (outcome.gate.reason or "")


def test_an_interpreter_that_cannot_be_found_is_an_errored_check():
    def nowhere() -> Interpreter:
        raise CannotRun("no Python found")

    assert found_by(nowhere).gate.status == "errored"


def test_an_interpreter_that_is_configured_wrongly_is_a_usage_error():
    def wrong() -> Interpreter:
        raise UsageError("there is no interpreter 'x'", key="python")

    with pytest.raises(UsageError):
        found_by(wrong)


def found_by(find) -> Outcome:
    config = Config(version=1, code=CodeGate())
    return run(
        Context(root=Path.cwd(), config=config, where=lambda *_: Where(path="m"), find_python=find, out=Path("out"))
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Interpreter:
    """An environment without pytest."""
    folder = tmp_path_factory.mktemp("bare") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return Interpreter(path=folder / "bin" / "python", why="")


@pytest.fixture
def only_pytest(bare: Interpreter, tmp_path: Path) -> Interpreter:
    """An environment with pytest and without pytest-cov."""
    shared = tmp_path / "shared"
    shared.mkdir()
    for name in ("pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        for file in {str(path).split("/")[0] for path in distribution(name).files or ()} - {".."}:
            place = shared / file
            place.symlink_to(Path(str(distribution(name).locate_file(file))).absolute())
    site = next((bare.path.parent.parent / "lib").glob("python*/site-packages"))
    (site / "shared.pth").write_text(f"{shared}\n")
    yield bare
    (site / "shared.pth").unlink()


def test_a_project_without_pytest_is_told_how_to_install_it(gate, bare):
    outcome = gate({**SOURCE, **PASSING}, python=bare)
    assert outcome.gate.status == "errored"
    assert outcome.gate.reason == (
        f"pytest and pytest-cov are missing in {bare.path}. "
        f"Install with: uv pip install --python {bare.path} pytest pytest-cov"
    )


def test_a_project_without_pytest_cov_is_told_how_to_install_it(gate, only_pytest):
    outcome = gate({**SOURCE, **PASSING}, python=only_pytest)
    assert outcome.gate.status == "errored"
    assert outcome.gate.reason is not None
    assert outcome.gate.reason.endswith(f"uv pip install --python {only_pytest.path} pytest-cov")


@pytest.mark.slow
def test_without_coverage_pytest_alone_is_enough(gate, only_pytest):
    outcome = gate(PASSING | SOURCE, python=only_pytest, pytest=("tests", "--no-cov"))
    assert outcome.gate.status == "errored"  # `--no-cov` belongs to pytest-cov: pytest itself does not know it
    assert outcome.gate.reason == "pytest cannot start: unrecognized arguments: --no-cov"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "status", "said"),
    [
        ("import os\ndef test_a(): ...\ndef test_b(): os._exit(0)", "errored", "exit code 0 and left no report"),
        ("import os\ndef test_a(): os._exit(5)", "errored", "exit code 5 and left no report"),
        ("import os\ndef test_a(): os._exit(77)", "errored", "exit code 77, which is none of its own"),
        ("import ctypes\ndef test_a(): ctypes.string_at(0)", "errored", "crashed with SIGSEGV"),
        ("import os\ndef test_a(): os.kill(os.getpid(), 9)", "errored", "SIGKILL"),
        (
            "import pytest\ndef test_a(): ...\ndef test_b(): pytest.exit('enough')",
            "errored",
            "interrupted before its end",
        ),
        ("def no_test(): ...", "failed", "collected no test"),
        ("import pytest\npytestmark = pytest.mark.skip\ndef test_a(): ...", "failed", "every test was skipped"),
        ("import sys\nsys.exit(0)", "errored", "internal error: SystemExit: 0"),
        ("def (", "failed", "1 test file cannot be collected: tests/test_price.py"),
        ("import nope_xyz", "failed", "1 test file cannot be collected: tests/test_price.py"),
    ],
)
def test_no_way_to_end_early_looks_like_a_pass(gate, tests, status, said):
    outcome = gate({**SOURCE, "tests/test_price.py": tests}, coverage=Coverage(total=1))
    assert outcome.gate.status == status
    assert said in (outcome.gate.reason or "")
    assert statuses(outcome)["code.coverage.total"] != "passed"
    assert "code.coverage.total" not in [metric.name for metric in outcome.metrics]


@pytest.mark.slow
def test_a_file_that_cannot_be_collected_has_its_place(gate):
    outcome = gate({"tests/test_a.py": "import os\nimport nope_xyz\n", **PASSING, **SOURCE})
    check = outcome.gate.checks[1]
    assert (check.id, str(check.where)) == ("code.tests.tests/test_a.py", "tests/test_a.py:2")
    assert check.reason == "cannot be collected: ModuleNotFoundError: No module named 'nope_xyz'"


@pytest.mark.slow
def test_tests_that_hang_are_stopped_and_say_where(gate):
    hanging = "import time\ndef test_a():\n    time.sleep(600)\n"
    outcome = gate({"tests/test_a.py": hanging}, timeout=6)
    assert outcome.gate.status == "errored"
    assert outcome.gate.reason == "pytest did not end within 6 s. Raise `code.timeout` in mlci.yaml if it needs longer."
    assert str(outcome.gate.checks[0].where) == "tests/test_a.py:3"


@pytest.mark.slow
def test_no_test_is_allowed_where_the_configuration_says_so(gate):
    outcome = gate({"tests/test_a.py": ""}, allow_empty=True)
    assert statuses(outcome) == {"code.tests": "passed", "code.coverage.total": "skipped"}


@pytest.mark.slow
def test_a_conftest_that_breaks_is_named(gate):
    outcome = gate({"tests/conftest.py": "import nope_xyz\n", **PASSING, **SOURCE})
    assert outcome.gate.status == "errored"
    assert outcome.gate.checks[0].where == Where(path="tests/conftest.py")
    assert "No module named 'nope_xyz'" in (outcome.gate.reason or "")


@pytest.mark.slow
def test_folders_that_are_not_there_are_named(gate):
    outcome = gate(PASSING, pytest=("tets",))
    assert outcome.gate.reason == "pytest cannot start: file or directory not found: tets"


@pytest.mark.slow
def test_a_source_that_is_never_imported_is_not_a_hundred_percent(gate):
    outcome = gate({**SOURCE, **PASSING}, source=("nowhere",))
    assert statuses(outcome) == {"code.tests": "passed", "code.coverage.total": "errored"}


@pytest.mark.slow
def test_a_failing_limit_of_the_projects_own_is_not_lost(gate):
    settings = {"pyproject.toml": "[tool.coverage.report]\nfail_under = 99\n"}
    outcome = gate({**SOURCE, **PASSING, **settings}, source=("shop",))
    assert outcome.gate.status == "failed"
    assert "Coverage failure: total of 75 is less than fail-under=99" in (outcome.gate.reason or "")


@pytest.mark.slow
def test_the_projects_own_options_hold(gate):
    settings = {
        "pyproject.toml": """
            [tool.pytest.ini_options]
            addopts = "-q --cov=shop --cov-branch --cov-report=term-missing"
            junit_family = "xunit2"
            junit_logging = "all"
            [tool.coverage.run]
            data_file = "left-behind"
        """
    }
    outcome = gate({**SOURCE, **PASSING, **settings})
    assert outcome.gate.checks[1].summary == "coverage 66.66 % of 4 statements and 2 branches (no limit)"


@pytest.mark.slow
def test_a_conftest_and_failing_tests_that_print_much_are_read_all_the_same(gate):
    loud = {
        "tests/conftest.py": "print('x' * 5_000_000)\n",
        "tests/test_loud.py": "def test_a():\n    print('y' * 80_000_000)\n    assert 0\n",
    }
    outcome = gate({**SOURCE, **loud})
    assert outcome.gate.status == "failed"


@pytest.mark.slow
def test_secrets_of_the_environment_do_not_reach_tests(gate, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    tests = "import os\ndef test_a(): assert 'GITHUB_TOKEN' not in os.environ\n"
    assert statuses(gate({"tests/test_a.py": tests}))["code.tests"] == "passed"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shop/price.py", "pyproject.toml", "tests/data.json", "shop/table.csv"])
def test_files_that_feed_the_tests_run_them(gate, tmp_path, name):
    files = {"pyproject.toml": "", "tests/data.json": "{}", "shop/table.csv": "a\n", **SOURCE, **PASSING}
    outcome = gate(files, source=("shop",), limited_to=frozenset({tmp_path / "project" / name}))
    assert outcome.gate.status == "passed"


@pytest.mark.slow
def test_a_name_in_source_of_which_nothing_is_measured_is_an_error(gate):
    outcome = gate({**SOURCE, **PASSING}, source=("shop", "shopp"))
    assert outcome.gate.status == "errored"
    assert 'nothing of "shopp" in `code.source` was measured' in (outcome.gate.reason or "")


@pytest.mark.slow
def test_an_exit_in_the_middle_is_an_error_without_coverage_too(gate):
    tests = {
        "tests/test_a.py": "import pytest\ndef test_a(): ...\ndef test_b(): pytest.exit('enough', returncode=0)\ndef test_c(): assert 0"
    }
    outcome = gate({**SOURCE, **tests}, pytest=("tests", "--no-cov"))
    assert outcome.gate.status == "errored"
