"""Log lines, annotations, outputs and the summary, read by a parser that follows the runner's."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlci.errors import CannotRun, Where
from mlci.github import outputs, workflow
from mlci.github.annotations import annotations_of
from mlci.results.model import Check, Gate, Metric, Results

HOSTILE = ["::error::x", "  ::error::x", "\u00a0::error::x", "##[error]x", "a ##[group]x", "##vso[task.setvariable]x", "a\n::error::x", "a\r::set-output name=x::y",
    "\x1b[2J::error::x", "%0A::error::x", "\u2028::error::x", "::", ":::", "\ufeff::stop-commands::x", "::add-mask::a", "###[error]x", "\x85::error::x", ""]  # fmt: skip
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=9), min_size=1, max_size=4).map("".join)
LINE_ENDS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def commands(log):
    """Return the workflow commands that a runner finds in a log: `::` first in a line, `##[` anywhere."""
    found = []
    for line in LINE_ENDS.split(log):
        start = line.strip().lstrip("\ufeff\u200b")
        found += [start] if re.match(r"::[^:]*::", start) or start.startswith("::") else []
        found += [line] if re.search(r"##\w*\[", line) else []
    return found


def unescaped(command):
    """Return name, properties and message of a command as the runner reads them."""
    found = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", command)
    properties = dict(one.split("=", 1) for one in found[2].split(",")) if found[2] else {}
    return found[1], {key: decoded(value) for key, value in properties.items()}, decoded(found[3])


def decoded(text):
    return re.sub("%(0A|0D|3A|2C|25)", lambda found: chr(int(found[1], 16)), text)


def hostile_examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return settings(max_examples=60, deadline=None)(test)


@hostile_examples
@given(TEXTS)
def test_no_log_line_is_a_command(text):
    line = workflow.log_line(text)
    assert commands(line) == []
    assert len(line.splitlines()) <= 1
    assert not [mark for mark in line if unicodedata.category(mark) in {"Cc", "Cf", "Cs"}]


@hostile_examples
@given(TEXTS)
def test_annotation_is_one_command_with_our_name_and_properties(text):
    check = Check(id=text, status="failed", summary=text, reason=text, where=Where(path=text, line=3))
    (line,) = workflow.annotate(annotations_of(results(check)))
    assert len(commands(line)) == 1
    name, properties, _message = unescaped(line)
    assert name == "error"
    assert list(properties) == (["file", "line", "title"] if text else ["title"])
    assert properties.get("line", "3") == "3"


def results(*checks, metrics=()):
    gate = Gate(name="data", status="failed", reason="r", checks=checks)
    return Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(gate,), metrics=metrics)  # fmt: skip


def check(status, number=0):
    return Check(id=f"data.a.{number}", status=status, summary=f"summary {number}", reason="because", where=Where(path="a,b:c.csv", line=7))  # fmt: skip


def test_annotation_stands_at_its_file_and_line():
    (line,) = workflow.annotate(annotations_of(results(check("failed")), folder="projects/x/"))
    assert line == "::error file=projects/x/a%2Cb%3Ac.csv,line=7,title=mlci%3A data.a.0::summary 0: because"


def test_worst_ten_are_annotated():
    checks = [check("warned", 1), *(check("failed", number) for number in range(2, 12)), check("errored", 12)]
    lines = list(workflow.annotate(annotations_of(results(*checks))))
    assert len(lines) == 10
    assert "summary 12" in lines[0]
    assert not [line for line in lines if line.startswith("::warning")]


def test_percent_and_line_ends_are_escaped():
    assert workflow.command("notice", "100%\nnext%0Aline") == "::notice::100%25 next%250Aline"


def test_long_messages_are_cut():
    assert len(workflow.command("notice", "%" * 10_000_000)) < 5_000


def test_outputs_are_read_back_as_they_were(tmp_path):
    path = tmp_path / "output"
    path.write_text("before=1\n")
    values = {"verdict": "failed", "text": "a\nEOF\nb=c", "empty": ""}
    workflow.append_outputs(str(path), values, random_hex=lambda: "0" * 32)
    assert outputs_in(path) == {"before": "1", **values}


def test_output_that_holds_its_delimiter_is_refused(tmp_path):
    path = tmp_path / "output"
    with pytest.raises(CannotRun):
        workflow.append_outputs(str(path), {"a": "x\nmlci_00\nevil=1"}, random_hex=lambda: "00")
    assert not path.exists()


def outputs_in(path):
    """Read outputs as the runner does."""
    found, lines = {}, iter(path.read_text().split("\n"))
    for line in lines:
        if heredoc := re.fullmatch(r"([^=<]+)<<(.+)", line):
            value = []
            while (part := next(lines)) != heredoc[2]:
                value.append(part)
            found[heredoc[1]] = "\n".join(value)
        elif "=" in line:
            name, found_value = line.split("=", 1)
            found[name] = found_value
    return found


def test_summary_is_appended_within_the_cap(tmp_path):
    path = tmp_path / "summary"
    path.write_bytes(b"x" * 500_000)
    workflow.append_summary(str(path), lambda room: "漢" * room)
    assert 920_000 < path.stat().st_size <= workflow.SUMMARY_BYTES


def test_full_summary_is_left_as_it_is(tmp_path):
    path = tmp_path / "summary"
    path.write_bytes(b"x" * 900_000)
    with pytest.raises(CannotRun, match="nearly full"):
        workflow.append_summary(str(path), lambda room: "y" * room)
    assert path.stat().st_size == 900_000


def test_unwritable_files_are_said(tmp_path):
    for append in (
        lambda path: workflow.append_summary(path, lambda _room: "text"),
        lambda path: workflow.append_outputs(path, {"a": "b"}, random_hex=lambda: "0"),
    ):
        with pytest.raises(CannotRun, match="cannot be written"):
            append(str(tmp_path))


def test_outputs_of_a_run():
    metrics = (
        Metric(name="code.coverage.total", value=93.459),
        Metric(name="model.m.accuracy", value=0.9),
        Metric(name="model.m.accuracy", value=float("nan"), slice="a"),
    )
    values = outputs.values_of(results(check("failed"), metrics=metrics))
    assert values == {
        "verdict": "failed",
        "passed": "false",
        "data-status": "failed",
        "coverage": "93.45",
        "metrics": '{"code.coverage.total": 93.459, "model.m.accuracy": 0.9, "model.m.accuracy [a]": null}',
    }


def test_verdict_of_tampered_results_is_that_of_their_checks():
    tampered = results(check("failed"))
    assert outputs.values_of(Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="passed", gates=tampered.gates))["verdict"] == "failed"  # fmt: skip


def test_smallest_coverage_of_a_matrix_counts():
    metrics = (Metric(name="a/code.coverage.total", value=93.0), Metric(name="b/code.coverage.total", value=91.0))
    assert outputs.values_of(results(metrics=metrics))["coverage"] == "91.00"


def test_metrics_too_large_for_an_output_lose_their_slices_first():
    metrics = (
        Metric(name="a.b", value=1),
        *(Metric(name="a.b", value=1, slice="x" * 1000 + str(number)) for number in range(500)),
    )
    assert outputs.values_of(results(metrics=metrics))["metrics"] == '{"a.b": 1}'
