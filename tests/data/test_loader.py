"""Data that a function of the project returns."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlci.config.load import load
from mlci.gates import Context
from mlci.gates.data import run
from mlci.interpreter import Interpreter

pytestmark = pytest.mark.slow

ROWS = [
    {"id": 1, "price": 1.5, "name": "ann", "when": "D(2024, 1, 31)", "ok": True},
    {"id": 2, "price": None, "name": "", "when": "D(2024, 2, 1)", "ok": False},
    {"id": 2, "price": -3.0, "name": "NA", "when": None, "ok": None},
]
SOURCE = "import datetime\nfrom datetime import date as D\n\nROWS = " + repr(ROWS).replace("'D(", "D(").replace(
    ")'", ")"
)
LOADERS = {
    "dicts": "return ROWS",
    "generator": "return (row for row in ROWS)",
    "lists": "return {name: [row[name] for row in ROWS] for name in ROWS[0]}",
    "pandas": "import pandas; return pandas.DataFrame(ROWS)",
    "pandas without Parquet": "import pandas, sys; sys.modules['pyarrow'] = sys.modules['fastparquet'] = None\n    return pandas.DataFrame(ROWS)",
    "polars": "import polars; return polars.DataFrame(ROWS)",
    "lazy polars": "import polars; return polars.LazyFrame(ROWS)",
    "pyarrow": "import pyarrow; return pyarrow.Table.from_pylist(ROWS)",
    "duckdb": "import duckdb, pyarrow; rows = pyarrow.Table.from_pylist(ROWS); return duckdb.sql('select * from rows')",
}
EXPECT = """
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_be_between: {column: price, min_value: 0}
      - expect_column_values_to_not_be_null: {column: name}
      - expect_column_max_to_be_between: {column: when, max_value: "2024-01-31"}
      - expect_column_values_to_be_in_set: {column: ok, value_set: [true]}
"""
SEEN = [("failed", 2), ("failed", 1), ("passed", 0), ("failed", None), ("failed", 1)]


def looked(root, body, source="loader: loading:rows", expect=EXPECT, files=None, signature=""):
    (root / "loading.py").write_text(f"{SOURCE}\n\ndef rows({signature}):\n    {body}\n")
    (root / "mlci.yaml").write_text(f"version: 1\ndata:\n  people:\n    {source}\n{expect}")
    loaded = load(root / "mlci.yaml", start=root, use_cache=False)
    context = Context(
        root=root,
        config=loaded.config,
        where=loaded.where,
        find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests"),
        out=root / "mlci-report",
        files=None if files is None else frozenset((root / file).resolve() for file in files),
    )
    return run(context)


@pytest.mark.parametrize("kind", LOADERS)
def test_every_kind_of_table(tmp_path, kind):
    outcome = looked(tmp_path, LOADERS[kind])
    assert [(check.status, check.details.get("unexpected_count")) for check in outcome.gate.checks] == SEEN
    assert outcome.metrics[0].value == 3


def test_arguments(tmp_path):
    source = "loader: {function: 'loading.py:rows', arguments: {most: 2}}"
    outcome = looked(tmp_path, "return ROWS[:most]", source, signature="most")
    assert outcome.metrics[0].value == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return None", "returned nothing, not a frame of pandas"),
        ("return 3", "returned a value of type int, not"),
        ("return [1, 2]", "returned a list that holds a value of type int, not"),
        ("return []", "returned a table without columns"),
        ("return {'a': [1], 'b': [1, 2]}", "returned lists of different lengths"),
        ("raise RuntimeError('no luck')", "no luck"),
        ("import os; os._exit(3)", "exit code 3"),
        ("return a_name", "a_name"),
    ],
)
def test_what_is_no_table_is_an_error_with_its_reason(tmp_path, body, said):
    (check,) = looked(tmp_path, body).gate.checks
    assert (check.status, said in check.reason) == ("errored", True), check.reason


def test_a_function_that_does_not_end(tmp_path):
    source = "loader: {function: loading:rows, timeout: 1}"
    (check,) = looked(tmp_path, "import time; time.sleep(60)", source).gate.checks
    assert (check.status, "within 1 s" in check.reason) == ("errored", True), check.reason


def test_a_function_that_takes_too_much_memory(tmp_path):
    source = "loader: {function: loading:rows, memory: 300MB}"
    (check,) = looked(tmp_path, "return [{'a': bytearray(1 << 30)}]", source).gate.checks
    assert (check.status, "memory" in check.reason.lower()) == ("errored", True), check.reason


def test_a_function_that_is_not_there(tmp_path):
    (check,) = looked(tmp_path, "return ROWS", "loader: loading:row").gate.checks
    assert (check.status, 'did you mean "rows"?' in check.reason) == ("errored", True)


def test_a_table_without_rows_is_no_pass(tmp_path):
    outcome = looked(tmp_path, "import pandas; return pandas.DataFrame({'id': []})", expect="")
    assert {check.status for check in outcome.gate.checks} == {"failed"}


def test_what_a_hook_gives_feeds_the_loader(tmp_path):
    source = "loader: {function: loading:rows, files: [data/raw.csv]}"
    for file, status in (("loading.py", "failed"), ("data/raw.csv", "failed"), ("other.csv", "skipped")):
        assert looked(tmp_path, "return ROWS", source, files=[file]).gate.status == status


def test_the_loader_gets_no_secret_and_prints_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SHOP_PASSWORD", "secret-word")
    body = "import os; print('noise'); return [{'id': os.environ.get('SHOP_PASSWORD', 'none')}]"
    expect = "    expect:\n      - expect_column_values_to_be_in_set: {column: id, value_set: [none]}\n"
    (check,) = looked(tmp_path, body, expect=expect).gate.checks
    assert check.status == "passed"
    assert capfd.readouterr() == ("", "")


def test_the_writer_needs_the_standard_library_alone():
    code = "import sys; sys.path.insert(0, 'mlci'); import frame_writer; print(sorted({'pandas', 'mlci', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
