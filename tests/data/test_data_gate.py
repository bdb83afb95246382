"""The data gate on real projects."""

import csv
import shutil

import pytest

from mlci.config.load import load
from mlci.errors import CannotRun
from mlci.gates import Context
from mlci.gates.data import explain, run

AGES = "id,age\n1,10\n2,\n3,200\n4,30\n"


def context(root, files=None):
    loaded = load(root / "mlci.yaml", start=root, use_cache=False)
    return Context(
        root=root,
        config=loaded.config,
        where=loaded.where,
        find_python=lambda: None,
        out=root / "mlci-report",
        files=None if files is None else frozenset((root / file).resolve() for file in files),
    )


@pytest.fixture
def gate(tmp_path):
    def outcome(config, files=None, **data):
        (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n{config}")
        for name, content in data.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        return run(context(tmp_path, files))

    return outcome


def test_a_value_that_reads_as_its_limit_is_told_whole(gate):
    limit = "expect_column_max_to_be_between: {column: x, max_value: 0.0048994149885}"
    outcome = gate(f"  a: {{path: a.csv, expect: [{limit}]}}\n", a__csv="x\n0.0048994149886\n")
    assert "it is 0.0048994149886; expected" in outcome.gate.checks[0].summary


def test_checks_say_what_was_seen_and_where_it_is_asked(gate, tmp_path):
    outcome = gate(
        "  ages:\n    path: ages.csv\n    expect:\n"
        "      - expect_column_values_to_be_between: {column: age, min_value: 0, max_value: 120}\n"
        "      - expect_column_values_to_not_be_null: {column: age, severity: warning}\n"
        "      - expect_column_values_to_be_unique: {column: id}\n"
        "      - expect_column_values_to_be_unique: {column: id}\n"
        "      - expect_column_mean_to_be_between: {column: age, max_value: 50}\n",
        ages__csv=AGES,
    )
    between, null, unique, again, mean = outcome.gate.checks
    assert between.id == "data.ages.expect_column_values_to_be_between.age"
    assert between.summary == "column `age`: 1 of 3 values do not lie between 0 and 120 (mostly 1)"
    assert between.reason.endswith("; row 3")
    assert (between.where.path, between.where.line) == ("mlci.yaml", 6)
    assert (between.details["rows"], between.details["lines"]) == ([3], [4])
    assert between.details["values"] == {"unexpected_values": [200]}
    assert (null.status, null.summary) == ("warned", "column `age`: 1 of 4 values are null (mostly 1)")
    assert (unique.status, unique.reason, unique.summary) == (
        "passed",
        None,
        "column `id`: no value occurs twice (4 values)",
    )
    assert again.id == unique.id + "~2"
    assert mean.summary == "column `age`: it is 80; expected: the mean is at most 50"
    assert outcome.gate.status == "failed"
    assert [(metric.name, metric.value) for metric in outcome.metrics] == [("data.ages.rows", 4)]
    with (tmp_path / "mlci-report" / "failing-rows" / "ages.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["row", "line", "reasons", "id", "age"],
        ["2", "3", "expect_column_values_to_not_be_null.age", "2", ""],
        ["3", "4", "expect_column_values_to_be_between.age", "3", "200"],
    ]


def test_one_bound_is_said_in_words(gate):
    outcome = gate(
        "  a:\n    path: a.csv\n    expect:\n"
        "      - expect_column_values_to_be_between: {column: age, min_value: 20}\n"
        "      - expect_column_values_to_be_between: {column: age, max_value: 20, strict_max: true}\n"
        "      - expect_column_value_lengths_to_be_between: {column: word, min_value: 2}\n",
        a__csv="age,word\n10,a\n30,bcd\n",
    )
    assert [check.summary for check in outcome.gate.checks] == [
        "column `age`: 1 of 2 values are not at least 20 (mostly 1)",
        "column `age`: 1 of 2 values are not below 20 (mostly 1)",
        "column `word`: 1 of 2 values are not at least 2 characters long (mostly 1)",
    ]


def test_failing_rows_of_an_earlier_run_are_removed(gate, tmp_path):
    gate("  a: {path: a.csv, expect: [expect_column_values_to_be_unique: {column: x}]}\n", a__csv="x\n1\n1\n")
    assert (tmp_path / "mlci-report" / "failing-rows" / "a.csv").exists()
    gate("  a: {path: a.csv, expect: [expect_column_values_to_be_unique: {column: x}]}\n", a__csv="x\n1\n2\n")
    assert not (tmp_path / "mlci-report" / "failing-rows" / "a.csv").exists()


def test_nothing_is_vacuously_green(gate):
    outcome = gate(
        "  a: {path: a.csv}\n  b: {path: b.csv, expect: [expect_column_to_exist: {column: x}]}\n",
        a__csv="x\n1\n",
        b__csv="x\n",
    )
    assert [(check.id, check.status) for check in outcome.gate.checks] == [
        ("data.a.expectations", "failed"),
        ("data.b.rows", "failed"),
        ("data.b.expect_column_to_exist.x", "passed"),
    ]
    allowed = gate(
        "  a: {path: a.csv, allow-empty: true}\n  b: {path: b.csv, allow-empty: true, expect: [expect_column_to_exist: {column: x}]}\n"
    )
    assert allowed.gate.status == "passed"


def test_what_cannot_be_read_is_errored_and_the_rest_runs(gate):
    outcome = gate(
        "  a: {path: none.csv, expect: [expect_column_to_exist: {column: x}]}\n"
        "  b: {path: b.csv, suite: none.json, expect: [expect_column_to_exist: {column: x}]}\n"
        "  c: {path: c.csv, expect: [expect_column_to_exist: {column: x}]}\n",
        b__csv="x\n1\n",
        c__csv="x\n1\n2,3\n",
    )
    missing, suite, exists, ragged = outcome.gate.checks
    assert (missing.status, missing.id) == ("errored", "data.a.file")
    assert "there is no such data file" in missing.reason
    assert (suite.status, suite.where.path) == ("errored", "none.json")
    assert exists.status == "passed"
    assert (ragged.status, ragged.where.path, ragged.where.line) == ("errored", "c.csv", 3)
    assert outcome.gate.status == "errored"


def test_pointers_are_skipped_and_a_gate_of_pointers_alone_is_errored(gate):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n"
    config = "  a: {path: a.csv, expect: [expect_column_to_exist: {column: x}]}\n"
    alone = gate(config, a__csv=pointer)
    assert (alone.gate.status, alone.gate.checks[0].status) == ("errored", "skipped")
    assert "a whole gate without its data" in alone.gate.reason
    beside = gate(config + "  b: {path: b.csv, expect: [expect_column_to_exist: {column: x}]}\n", b__csv="x\n1\n")
    assert [check.status for check in beside.gate.checks] == ["skipped", "passed"]
    assert beside.gate.status == "passed"
    assert "git lfs pull" in beside.gate.checks[0].reason


def test_only_touched_assets_are_looked_at(gate):
    config = "  a: {path: a.csv, suite: s.json}\n  b: {path: b.csv, expect: [expect_column_to_exist: {column: x}]}\n"
    suite = '[{"expect_column_to_exist": {"column": "x"}}]'

    def names(files):
        outcome = gate(config, files, a__csv="x\n1\n", b__csv="x\n1\n", s__json=suite)
        return {check.id.split(".")[1] for check in outcome.gate.checks}

    assert names(["a.csv"]) == {"a"}
    assert names(["s.json"]) == {"a"}
    assert names(["mlci.yaml"]) == {"a", "b"}
    nothing = gate(config, ["README.md"])
    assert (nothing.gate.status, nothing.gate.checks) == ("skipped", ())
    assert nothing.gate.reason


def test_a_wrong_suite_line_is_errored_on_its_own(gate):
    suite = '{"expectations": [\n{"type": "expect_column_to_exit", "kwargs": {"column": "x"}},\n{"type": "expect_column_to_exist", "kwargs": {"column": "x"}}]}'
    outcome = gate("  a: {path: a.csv, suite: s.json}\n", a__csv="x\n1\n", s__json=suite)
    wrong, right = outcome.gate.checks
    assert (wrong.status, wrong.where.path, wrong.where.line) == ("errored", "s.json", 2)
    assert 'did you mean "expect_column_to_exist"?' in wrong.reason
    assert right.status == "passed"


def test_a_declared_type_that_does_not_hold_fails(gate):
    outcome = gate(
        "  a: {path: a.csv, types: {x: integer}, expect: [expect_column_to_exist: {column: x}]}\n", a__csv="x\n1\ntwo\n"
    )
    assert (outcome.gate.checks[0].id, outcome.gate.checks[0].status) == ("data.a.type.x", "failed")


def madewithml(corpora, tmp_path, year, names):
    source = corpora / "madewithml"
    shutil.copytree(source / "2022" / "great_expectations" / "expectations", tmp_path / "suites")
    shutil.copytree(source / year / ("data" if year == "2022" else "datasets"), tmp_path / "data")
    assets = "".join(f"  {name}: {{path: data/{name}.csv, suite: suites/{name}.json}}\n" for name in names)
    (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n{assets}")
    return run(context(tmp_path))


def test_the_suites_of_a_real_course_project_hold_on_its_data(corpora, tmp_path):
    outcome = madewithml(corpora, tmp_path, "2022", ["projects", "tags", "labeled_projects"])
    assert [check.status for check in outcome.gate.checks] == ["passed"] * 24


def test_a_year_later_two_of_four_fail_and_name_the_lost_column(corpora, tmp_path):
    outcome = madewithml(corpora, tmp_path, "2023", ["tags"])
    assert [check.status for check in outcome.gate.checks] == ["failed", "failed", "passed", "passed"]
    assert "missing `id`" in outcome.gate.checks[0].reason
    assert "there is no column `id`" in outcome.gate.checks[1].reason


def test_the_plan_fuses_and_shares(gate, tmp_path):
    expect = [
        "expect_column_values_to_be_between: {column: age, max_value: 120}",
        "expect_column_values_to_not_be_null: {column: age}",
        "expect_column_mean_to_be_between: {column: age, max_value: 50}",
        "expect_column_values_to_be_unique: {column: id}",
        "expect_column_values_to_be_unique: {column: id, mostly: 0.5}",
        "expect_column_values_to_be_between: {column: age, max_value: 120, row_condition: id > 1}",
    ]
    lines = "".join(f"      - {each}\n" for each in expect)
    gate(f"  ages:\n    path: ages.csv\n    expect:\n{lines}", ages__csv=AGES)
    assert list(explain(context(tmp_path))) == [
        "ages: 6 expectations of ages.csv",
        "  1. aggregates over `age`, `id`, in one pass: 11, asked by 6",
        "  1. aggregates over `age`, in one pass: 3, asked by 1, where id > 1",
        "  2. rows that share their values, over `id`",
        "  2. failing rows, in one pass: asked by 2",
        "  2. failing rows over `age`, where id > 1",
    ]


def test_an_unwritable_report_folder_is_said(gate, tmp_path):
    (tmp_path / "mlci-report").write_text("a file")
    with pytest.raises(CannotRun, match="failing rows cannot be written"):
        gate("  a: {path: a.csv, expect: [expect_column_values_to_be_unique: {column: x}]}\n", a__csv="x\n1\n1\n")


def test_failing_rows_of_several_files_are_named_with_file_and_line(gate, tmp_path):
    config = (
        "  a: {path: 'part-*.csv', file-column: file, expect: [expect_column_values_to_be_unique: {column: x}]}\n"
        "  b: {path: other.csv, expect: [expect_column_to_exist: {column: x}]}\n"
    )
    for name, content in {"part-1.csv": "x\n1\n2\n", "part-2.csv": "x\n\n3\n1\n", "other.csv": "x\n1\n"}.items():
        (tmp_path / name).write_text(content)
    check = gate(config).gate.checks[0]
    assert check.reason.endswith("rows 1, 4 (part-1.csv:2, part-2.csv:4)")
    assert (check.details["files"], check.details["lines"]) == (["part-1.csv", "part-2.csv"], [2, 4])
    with (tmp_path / "mlci-report" / "failing-rows" / "a.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["row", "file", "line", "reasons", "x", "file"],
            ["1", "part-1.csv", "2", "expect_column_values_to_be_unique.x", "1", "part-1.csv"],
            ["4", "part-2.csv", "4", "expect_column_values_to_be_unique.x", "1", "part-2.csv"],
        ]
    assert {check.id.split(".")[1] for check in gate(config, ["part-9.csv"]).gate.checks} == {"a"}


@pytest.mark.parametrize(("name", "content"), [("x.json", "[]"), ("x.json", "[{}]"), ("x.jsonl", "{}\n")])
def test_files_without_columns_are_no_pass(gate, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    outcome = gate(f"  a: {{path: {name}, expect: [expect_column_values_to_be_unique: {{column: x}}]}}\n")
    assert outcome.gate.status == "failed"
