"""When a comment is written over the one of an earlier run."""

from dataclasses import replace

import pytest

from mlci.reports.state import NOTHING, State, is_wanted, state_in, state_of
from mlci.results.model import Check, Gate, Results

CALM = State(verdict="passed", found="a" * 16)
RED = State(verdict="failed", found="b" * 16)


def results(*checks):
    gate = Gate(name="data", status="failed", reason="r", checks=checks)
    return Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="passed", gates=(gate,) if checks else ())  # fmt: skip


def check(name="data.a.b", **changed):
    return Check(**{"id": name, "status": "failed", "summary": "3 of 9 are missing", "reason": "r", **changed})


def test_state_is_that_of_verdict_and_findings_and_not_of_their_numbers():
    state = state_of(results(check()))
    assert state.verdict == "failed"
    assert state == state_of(results(check(summary="4 of 9 are missing")))
    others = [results(check(), check("data.a.c")), results(check(status="errored")), results(check("data.a.c"))]
    assert len({state.found, *(state_of(one).found for one in others)}) == 4
    assert state_of(results()) == NOTHING


def test_state_is_read_back_from_the_second_line_alone():
    assert state_in(f"marker\n{RED.line}\ntext") == RED
    assert state_in(f"marker\r\n{RED.line}\r\ntext") == RED
    for body in ("marker", "", f"{RED.line}\n", f"marker\ntext\n{RED.line}", f"marker\n{RED.line}x"):
        assert state_in(body).verdict == "unknown"


@pytest.mark.parametrize(
    ("mode", "before", "now", "wanted"),
    [
        ("always", None, NOTHING, True),
        ("always", CALM, CALM, True),
        ("changes", None, NOTHING, False),
        ("changes", None, CALM, True),
        ("changes", None, RED, True),
        ("changes", RED, RED, False),
        ("changes", RED, replace(RED, verdict="errored"), True),
        ("changes", RED, replace(RED, found="c" * 16), True),
        ("changes", RED, NOTHING, True),
        ("changes", state_in("m\nan older comment"), CALM, True),
        ("failures", None, CALM, False),
        ("failures", None, RED, True),
        ("failures", RED, RED, True),
        ("failures", RED, CALM, True),
        ("failures", CALM, CALM, False),
        ("failures", CALM, RED, True),
        ("failures", state_in("m\nan older comment"), CALM, True),
        ("never", None, RED, False),
        ("never", RED, CALM, False),
    ],
)
def test_modes(mode, before, now, wanted):
    assert is_wanted(mode, before=before, now=now) is wanted
