"""The code gate in real repositories, through the command line: changed lines, baselines, reports made elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SHOP = "def price(x):\n    if x < 0:\n        raise ValueError(x)\n    return x * 2\n"
TEST = "from shop.price import price\ndef test_price():\n    assert price(2) == 4\n"
NEW = "\ndef discount(x):\n    if x:\n        return 1\n    return 2\n"


class Project:
    def __init__(self, path: Path):
        self.path = path
        self.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop]}\n")
        self.write(".gitignore", "mlci-report\n__pycache__\n")
        self.write("shop/__init__.py", "")
        self.write("shop/price.py", SHOP)
        self.write("tests/test_price.py", TEST)
        self.git("init", "-q", "-b", "main")
        self.commit()
        self.git("checkout", "-qb", "topic")

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text, "utf-8")

    def git(self, *arguments: str) -> None:
        named = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *named, *arguments], cwd=self.path, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "x")

    def run(self, *arguments: str, where: str = ".") -> tuple[int, dict[str, dict]]:
        done = subprocess.run(
            [sys.executable, "-m", "mlci", "code", *arguments],
            cwd=self.path / where,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed = done.stdout + done.stderr
        report = json.loads((self.path / where / "mlci-report/results.json").read_text("utf-8"))
        self.results = report
        return done.returncode, {check["id"]: check for gate in report["gates"] for check in gate["checks"]}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "a project é")


def test_uncovered_changed_lines_block_and_are_in_every_report(project):
    project.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop], coverage: {changed-lines: 90}}\n")
    project.commit()
    project.write("shop/price.py", SHOP + NEW)
    project.git("add", "-A")
    project.write("shop/price.py", "import math  # shifts every line\n" + SHOP + NEW)
    project.write("shop/fresh one.py", "A = 1\nB = 2\n")
    code, checks = project.run()
    changed = checks["code.coverage.changed-lines"]
    assert (code, changed["status"]) == (1, "failed")
    assert changed["details"]["uncovered"] == {"shop/fresh one.py": ["1-2"], "shop/price.py": ["8-10"]}
    assert (changed["details"]["statements"], changed["details"]["covered"]) == (7, 2)
    summary = (project.path / "mlci-report/summary.md").read_text("utf-8")
    assert "Uncovered changed lines (2)" in summary
    assert "lines 8-10" in summary
    page = (project.path / "mlci-report/report.html").read_text("utf-8")
    assert 'href="coverage/index.html"' in page
    assert (project.path / "mlci-report/coverage/index.html").is_file()
    from mlci.github.annotations import annotations_of
    from mlci.github.workflow import annotate
    from mlci.results.files import read

    told = list(annotate(annotations_of(read(project.path / "mlci-report/results.json"), folder="sub/")))
    assert "::notice file=sub/shop/price.py,line=8,endLine=10,title=mlci%3A not covered::No test runs lines 8-10 of this change." in told  # fmt: skip


def test_a_change_that_touches_no_statement_is_not_applicable(project):
    project.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop], coverage: {changed-lines: 100}}\n")
    project.write("shop/price.py", SHOP + "\n# a comment\n")
    code, checks = project.run()
    assert (code, checks["code.coverage.changed-lines"]["status"]) == (0, "skipped")
    assert checks["code.coverage.changed-lines"]["reason"].startswith("not applicable: no statement that was measured")


def test_a_project_in_a_folder_of_its_repository_has_changed_lines_too(project):
    project.git("checkout", "-q", "main")
    (project.path / "in deep").mkdir()
    for name in ("shop", "tests", "mlci.yaml"):
        project.git("mv", name, f"in deep/{name}")
    project.commit()
    project.git("checkout", "-qb", "other")
    project.write("in deep/shop/price.py", SHOP + NEW)
    project.git("mv", "in deep/shop/price.py", "in deep/shop/cost.py")
    project.write("in deep/tests/test_price.py", TEST.replace("shop.price", "shop.cost"))
    _, checks = project.run(where="in deep")
    assert checks["code.coverage.changed-lines"]["details"]["uncovered"] == {"shop/cost.py": ["7-9"]}


def test_a_recomputed_base_tells_new_failures_and_lost_tests_and_compares_the_same_files(project):
    project.git("checkout", "-q", "main")
    project.write("shop/other.py", "A = 1\nB = 2\n")
    tests = TEST + "def test_old(): assert 0\ndef test_gone(): ...\ndef test_later(): ...\n"
    project.write("tests/test_price.py", tests)
    config = (
        "version: 1\ncode: {pytest: [tests], source: [shop], coverage: {max-drop: 0.1}}\nbaseline: {recompute: true}\n"
    )
    project.write("mlci.yaml", config)
    project.commit()
    project.git("checkout", "-q", "topic")
    project.git("reset", "-q", "--hard", "main")
    project.write("shop/large.py", "".join(f"x{n} = {n}\n" for n in range(50)))
    project.git("rm", "-q", "shop/other.py")
    new = "import pytest\ndef test_new(): assert 0\n@pytest.mark.skip\n"
    project.write("tests/test_price.py", tests.replace("def test_gone(): ...\n", new))
    code, checks = project.run()
    assert code == 1, project.printed
    assert checks["code.tests"]["reason"].startswith("2 tests failed (1 new, 1 as at the baseline): ")
    assert checks["code.tests.changes"]["details"]["removed"] == ["tests/test_price.py::test_gone"]
    assert checks["code.tests.changes"]["details"]["newly_skipped"] == ["tests/test_price.py::test_later"]
    changes = {(one["metric"], one["slice"]): one for one in project.results["comparison"]["changes"]}
    assert changes["code.coverage.total", None]["status"] == "passed"
    assert changes["code.coverage.total", None]["candidate"] < 10
    both = changes["code.coverage.total", "files of both"]
    assert (both["status"], both["baseline"], both["candidate"], both["max_drop"]) == ("passed", 75.0, 75.0, 0.1)


def reports_of(project: Project, *formats: str) -> None:
    arguments = [f"--cov-report={name}" for name in formats]
    command = [sys.executable, "-m", "pytest", "-q", "tests", "--cov=shop", "--cov-branch", *arguments]
    subprocess.run([*command, "--junitxml=junit.xml"], cwd=project.path, check=True, capture_output=True)


def test_reports_made_elsewhere_say_what_a_run_says(project):
    project.write("shop/price.py", SHOP + NEW)
    project.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop], coverage: {branch: true}}\n")
    _, ran = project.run()
    wanted = [ran[name]["details"] for name in ("code.coverage.total", "code.coverage.changed-lines")]
    reports_of(project, "json", "xml", "lcov")
    for name in ("coverage.json", "coverage.xml", "coverage.lcov"):
        limits = "coverage: {changed-lines: 100}"
        project.write("mlci.yaml", f"version: 1\ncode: {{junit: junit.xml, coverage-file: {name}, {limits}}}\n")
        code, checks = project.run()
        assert code == 1
        assert checks["code.tests"]["summary"] == "1 test: 1 passed"
        read = [checks[each]["details"] for each in ("code.coverage.total", "code.coverage.changed-lines")]
        for ours, theirs in zip(read, wanted, strict=True):
            keys = ("percent", "statements", "covered", "branches", "covered_branches", "uncovered")
            assert {key: ours.get(key) for key in keys} == {key: theirs.get(key) for key in keys}, name
        assert checks["code.coverage.report"]["status"] == "passed"


def test_reports_that_are_outdated_say_so(project):
    reports_of(project, "xml")
    project.write("mlci.yaml", "version: 1\ncode: {coverage-file: coverage.xml}\n")
    project.write("shop/price.py", SHOP + "# more\n")
    later = (project.path / "coverage.xml").stat().st_mtime + 60
    os.utime(project.path / "shop/price.py", (later, later))
    code, checks = project.run()
    assert (code, checks["code.coverage.report"]["status"]) == (0, "warned")
    assert "it is older than shop/price.py" in checks["code.coverage.report"]["reason"]
    project.write("shop/price.py", "x = 1\n")
    code, checks = project.run()
    assert (code, checks["code.coverage.total"]["status"]) == (3, "errored")
    assert "it is of another state of the code" in checks["code.coverage.total"]["reason"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("coverage-file: coverage.xml", "coverage.xml is missing"),
        ("junit: junit.xml", "junit.xml is missing"),
        ("junit: 'out/*.xml'", "no file matches out/*.xml"),
    ],
)
def test_reports_that_are_not_there_are_errors(project, config, said):
    project.write("mlci.yaml", f"version: 1\ncode: {{{config}}}\n")
    code, _ = project.run()
    assert code == 3
    assert said in project.printed


def test_a_test_that_passes_when_it_runs_again_is_flaky(project):
    project.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop], rerun-failed: 2}\n")
    flaky = (
        "import pathlib\ndef test_flaky(tmp_path_factory):\n    mark = pathlib.Path(__file__).with_name('mark.txt')\n"
        "    again = mark.exists()\n    mark.write_text('x')\n    assert again\ndef test_bad(): assert 0\n"
    )
    project.write("tests/test_flaky.py", flaky)
    code, checks = project.run()
    assert code == 1
    assert checks["code.tests"]["summary"] == "3 tests: 1 passed, 1 flaky, 1 failed"
    assert checks["code.tests.tests/test_flaky.py::test_flaky"]["status"] == "warned"
    project.write("tests/test_flaky.py", flaky.replace("assert 0", "..."))
    (project.path / "tests/mark.txt").unlink()
    code, checks = project.run()
    assert (code, checks["code.tests"]["status"]) == (0, "warned")


def test_doctests_are_tests_too(project):
    project.write("shop/price.py", f'"""Prices.\n\n>>> price(1)\n3\n"""\n{SHOP}')
    project.write("mlci.yaml", "version: 1\ncode: {pytest: [tests], source: [shop], doctests: [shop]}\n")
    code, checks = project.run()
    assert code == 1
    assert checks["code.tests"]["summary"] == "2 tests: 1 passed, 1 failed"
    project.write("shop/price.py", SHOP)
    code, checks = project.run()
    assert (code, checks["code.tests"]["reason"]) == (1, "there are no doctests")
