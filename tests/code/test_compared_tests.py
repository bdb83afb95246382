"""Tests beside those of the baseline, flaky ones, and the order that they run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci.code.checks import Rules, of_tests
from mlci.code.compared_tests import changes_of, of_changes
from mlci.code.junit import TestRun, read_junit
from mlci.code.order import seed_options, told_seed
from mlci.code.record import CodeRecord, TestRecord

ROOT = Path("/nowhere")


def run(name: str, outcome: str = "passed", seconds: float = 0.1, **more: object) -> TestRun:
    return TestRun(id=name, outcome=outcome, file=None, line=None, seconds=seconds, **more)  # type: ignore[arg-type]


def before(**tests: tuple[str, float]) -> CodeRecord:
    known = {name: TestRecord(outcome=outcome, seconds=seconds) for name, (outcome, seconds) in tests.items()}  # type: ignore[arg-type]
    return CodeRecord(tests=known)


def test_new_failures_are_told_from_old_ones():
    tests = (run("a", "failed", message="x"), run("b", "error"), run("c", "failed"), run("d"))
    changes = changes_of(tests, before(a=("failed", 0), b=("passed", 0), d=("failed", 0)), {})
    assert changes.failing_before == {"a"}
    checks = of_tests(tests, ROOT, Rules(failing_before=changes.failing_before))
    assert checks[0].reason == "3 tests failed (2 new, 1 as at the baseline): b, c, a"
    assert checks[0].details["new_failures"] == 2
    assert [check.summary for check in checks[1:]] == ["b", "c", "a"]
    assert checks[3].reason == "x (as at the baseline)"


def test_tests_that_are_gone_or_skipped_warn():
    tests = (
        run("t.py::a", "skipped"),
        run("t.py::s", "skipped"),
        run("t.py::slow", seconds=4),
        run("t.py::x", seconds=1),
    )
    known = {"t.py::a": ("passed", 0.0), "t.py::s": ("skipped", 0.0), "t.py::gone": ("passed", 0.0)}
    changes = changes_of(tests, before(**known, **{"t.py::slow": ("passed", 1.0)}), {})
    assert (changes.skipped, changes.removed, changes.added) == (("t.py::a",), ("t.py::gone",), ("t.py::x",))
    assert changes.slower == (("t.py::slow", 1.0, 4.0),)
    check = of_changes(changes)
    assert check
    assert check.status == "warned"
    assert check.reason == "1 test is no longer there and 1 test is newly skipped: t.py::gone, t.py::a"


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("tests/test_a.py::T::t[1]", "tests/unit/test_a.py::T::t[1]", {}),
        ("old.py::t", "new.py::t", {"new.py": "old.py"}),
        ("t.py::test_prices_are_added", "t.py::test_prices_are_summed", {}),
    ],
)
def test_moved_and_renamed_tests_are_not_lost(old, new, moved):
    changes = changes_of((run(new),), before(**{old: ("passed", 0.0)}), moved)
    assert (changes.renamed, changes.removed, changes.added) == (((old, new),), (), ())
    check = of_changes(changes)
    assert check
    assert check.status == "passed"


def test_tests_of_other_names_are_not_paired():
    changes = changes_of((run("t.py::test_gone"),), before(**{"t.py::test_new": ("passed", 0.0)}), {})
    assert changes.renamed == ()


def test_the_same_tests_have_nothing_to_tell():
    assert of_changes(changes_of((run("a"),), before(a=("passed", 0.1)), {})) is None


def test_flaky_tests_are_told_and_not_green_nor_red():
    tests = (run("a", flaky=True, message="assert 1 == 2"), run("b"))
    total, flaky = of_tests(tests, ROOT, Rules())
    assert (total.status, flaky.status) == ("warned", "warned")
    assert total.summary == "2 tests: 1 passed, 1 flaky"
    assert total.reason == "1 flaky test, passed when run again: a"
    assert flaky.reason == "flaky: it failed, and passed when it ran again: assert 1 == 2"
    assert of_tests(tests, ROOT, Rules(flaky="error"))[0].status == "failed"
    assert of_tests((*tests, run("c", "failed")), ROOT, Rules())[0].reason == "1 test failed: c"


def test_what_other_tools_ran_again_is_flaky(tmp_path):
    path = tmp_path / "TEST-a.xml"
    path.write_text(
        '<testsuite><testcase classname="A" name="t" time="1,234.5"><flakyFailure message="m">x</flakyFailure></testcase>'
        '<testcase classname="A" name="u"><failure message="m"/><rerunFailure message="m"/></testcase></testsuite>'
    )
    flaky, failed = read_junit(path)
    assert (flaky.id, flaky.outcome, flaky.flaky, flaky.seconds) == ("A::t", "passed", True, 1234.5)
    assert (failed.outcome, failed.flaky) == ("failed", False)


INSTALLED = {"pytest": "9", "pytest-randomly": "4"}


@pytest.mark.parametrize(
    ("installed", "options", "env", "added"),
    [
        (INSTALLED, (), {}, ["--randomly-seed=7"]),
        (INSTALLED, ("-p", "no:randomly"), {}, []),
        (INSTALLED, ("-pno:randomly",), {}, []),
        (INSTALLED, ("--randomly-seed=3",), {}, []),
        (INSTALLED, ("-p", "xdist"), {}, ["--randomly-seed=7"]),
        (INSTALLED, (), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, []),
        ({"pytest": "9"}, (), {}, []),
    ],
)
def test_tests_are_shuffled_by_a_seed_that_is_known(installed, options, env, added):
    assert seed_options(installed, options, env, 7) == added


def test_the_seed_is_told():
    assert told_seed(("--randomly-seed=7",), "") == "--randomly-seed=7"
    assert told_seed(("--randomly-seed=last",), "x\nUsing --randomly-seed=9\n") == "--randomly-seed=9"
    assert told_seed((), "Using --random-order-seed=5\n") == "--random-order-seed=5"
    assert told_seed((), "") is None
