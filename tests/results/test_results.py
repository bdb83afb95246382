"""Writing, reading and merging results."""

import json
from dataclasses import replace

import pytest

from mlci.errors import UsageError, Where
from mlci.results import files
from mlci.results.merge import merge
from mlci.results.model import Change, Check, Comparison, Gate, Metric, Results, verdict_of, worst

CHECK = Check(
    id="data.tags.expect_column_to_exist.id",
    status="failed",
    summary="column `id` exists",
    reason="there is no column `id`",
    where=Where(path="mlci.yaml", line=3),
    details={"observed": float("nan"), "rows": [1, 2]},
)
RESULTS = Results(
    schema=1,
    mlci="0.1.0",
    project="p",
    started="2026-01-01T00:00:00+00:00",
    duration_s=1.5,
    verdict="failed",
    gates=(Gate(name="data", status="failed", reason="there is no column `id`", checks=(CHECK,)),),
    metrics=(Metric(name="data.tags.rows", value=3.0, n=3, interval=(1.0, 4.0)),),
)


def test_results_survive_the_file(tmp_path):
    files.write(tmp_path / "results.json", RESULTS)
    read = files.read(tmp_path / "results.json")
    assert read.gates[0].checks[0] == replace(CHECK, details={"observed": "nan", "rows": [1, 2]})
    assert read.metrics == RESULTS.metrics


def test_unknown_fields_are_ignored():
    plain = {**json.loads(files.dumps(RESULTS)), "of the future": 1}
    assert files.loads(json.dumps(plain).encode(), "r.json").project == "p"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2, "mlci": "9.9"}, 'Install the version that wrote it: pip install "mlci==9.9"'),
        ({"schema": "1"}, "it has no `schema`"),
        ({"verdict": "fine"}, "r.json verdict: no results of mlci"),
        ({"gates": [{"name": "data"}]}, "r.json gates.0.status: no results of mlci"),
        ({"metrics": [{"name": "m", "value": "high"}]}, "r.json metrics.0.value"),
    ],
)
def test_what_is_no_results_is_refused_with_the_place(change, says):
    plain = {**json.loads(files.dumps(RESULTS)), **change}
    with pytest.raises(UsageError) as caught:
        files.loads(json.dumps(plain).encode(), "r.json")
    assert says in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b"[]", b"\xff\xfe"])
def test_garbage_is_refused(raw):
    with pytest.raises(UsageError):
        files.loads(raw, "r.json")


def test_a_file_that_is_not_there_and_one_too_large(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        files.read(tmp_path / "none.json")
    with pytest.raises(UsageError, match="larger than 32 MiB"):
        files.loads(b" " * (files.MAX_BYTES + 1), "r.json")


def test_the_worst_status_decides():
    assert worst(["passed", "warned", "failed", "skipped"]) == "failed"
    assert worst([]) == "skipped"
    assert worst(["passed", "skipped"]) == "passed"
    assert verdict_of(["warned", "inconclusive", "passed"]) == "passed"
    assert verdict_of(["failed", "errored"]) == "errored"


def test_merging_keeps_everything_and_tells_the_legs_apart():
    passed = replace(RESULTS, verdict="passed", cell="py3.12", gates=(), comparison=None)
    compared = replace(
        RESULTS,
        cell="py3.11",
        comparison=Comparison(status="passed", changes=(Change(metric="data.tags.rows", status="passed"),)),
    )
    merged = merge([passed, compared])
    assert merged.verdict == "failed"
    assert merged.cell == "py3.12, py3.11"
    assert [metric.name for metric in merged.metrics] == ["py3.12/data.tags.rows", "py3.11/data.tags.rows"]
    assert merged.gates[0].checks[0].id == f"py3.11/{CHECK.id}"
    assert merged.comparison.changes[0].metric == "py3.11/data.tags.rows"


def test_legs_without_names_get_some_and_nothing_is_an_error():
    assert [metric.name for metric in merge([RESULTS, RESULTS]).metrics] == ["1/data.tags.rows", "2/data.tags.rows"]
    assert merge([RESULTS]) == RESULTS
    with pytest.raises(UsageError, match="no results"):
        merge([])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(value):
    text = files.dumps(RESULTS).replace('"value": 3.0', f'"value": {value}')
    with pytest.raises(UsageError, match="finite number"):
        files.loads(text.encode(), "r.json")
