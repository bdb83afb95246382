"""Patterns, lists and folders as one table."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlci.data.batch import fetch
from mlci.data.sources import DvcPointer, open_data, reading_at
from mlci.errors import CannotRun, UsageError

pytestmark = pytest.mark.slow


@pytest.fixture
def written(tmp_path):
    def write(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_csv", ".csv").replace("_eq_", "=")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return write


def rows(batch):
    return fetch(batch.frame.select(*(column.expr.alias(name) for name, column in batch.columns.items())))


def test_a_pattern_is_one_table_in_the_order_of_names(written):
    root = written(d__b_csv="x,y\n3,c\n", d__a_csv='y,x\n"a\nb",1\nb,2.5\n', d__c_txt="no\n")
    batch = open_data(reading_at(root, "d/*.csv", file_column="file"))
    assert rows(batch) == [("a\nb", 1.0, "d/a.csv"), ("b", 2.5, "d/a.csv"), ("c", 3.0, "d/b.csv")]
    assert batch.files([1, 3]) == {1: "d/a.csv", 3: "d/b.csv"}
    assert batch.lines([1, 2, 3]) == {1: 2, 2: 4, 3: 2}


def test_types_are_decided_by_all_files(written):
    root = written(a_csv="x\n1\n", b_csv="x\n007\n")
    batch = open_data(reading_at(root, ["b.csv", "a.csv"]))
    assert (batch.columns["x"].kind, rows(batch)) == ("text", [("007",), ("1",)])


def test_large_files_are_read_in_place_and_in_order(written, monkeypatch):
    monkeypatch.setattr("mlci.data.sources.text.IN_MEMORY", 0)
    root = written(a_csv="x\n" + "".join(f"{n}\n" for n in range(5000)), b_csv="x\r\n5000\r\n5001\n")
    batch = open_data(reading_at(root, "*.csv"))
    assert rows(batch) == [(n,) for n in range(5002)]
    assert batch.files([5000, 5001]) == {5000: "a.csv", 5001: "b.csv"}


def test_files_of_other_columns_are_refused_unless_that_is_said(written):
    root = written(a_csv="x,y\n1,2\n", b_csv="x,z\n3,4\n")
    message = "b.csv: lacks the column `y` and has the column `z`, unlike a.csv"
    with pytest.raises(CannotRun, match=message):
        open_data(reading_at(root, "*.csv"))
    assert rows(open_data(reading_at(root, "*.csv", union_by_name=True))) == [(1, 2, None), (3, None, 4)]


def test_folders_that_say_values(written):
    root = written(p__year_eq_2024__a_csv="x\n1\n", p__year_eq_2025__a_csv="x\n2\n", p___SUCCESS="")
    for place in ("p", "p/year=*/*.csv", "p/**/*.csv"):
        assert rows(open_data(reading_at(root, place))) == [(1, 2024), (2, 2025)]
    assert rows(open_data(reading_at(root, "p/year=2024/*.csv"))) == [(1,)]


def parquet(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def test_parquet_folders(tmp_path):
    parquet(tmp_path / "p/day=2024-01-31/a.parquet", x=[1, 2])
    parquet(tmp_path / "p/day=2024-02-01/a.parquet", x=[2.5, None])
    batch = open_data(reading_at(tmp_path, "p", file_column="file"))
    january, february = "p/day=2024-01-31/a.parquet", "p/day=2024-02-01/a.parquet"
    assert [(x, str(day), file) for x, day, file in rows(batch)] == [
        (1.0, "2024-01-31", january),
        (2.0, "2024-01-31", january),
        (2.5, "2024-02-01", february),
        (None, "2024-02-01", february),
    ]
    assert batch.columns["day"].kind == "date"
    assert batch.files([2, 3]) == {2: "p/day=2024-01-31/a.parquet", 3: "p/day=2024-02-01/a.parquet"}


def test_parquet_of_other_types_or_columns_is_refused(tmp_path):
    parquet(tmp_path / "a.parquet", x=[1])
    parquet(tmp_path / "b.parquet", x=["1"])
    parquet(tmp_path / "c.parquet", x=[1], y=[1])
    with pytest.raises(CannotRun, match=r"b.parquet: the column `x` is VARCHAR, and BIGINT in a.parquet"):
        open_data(reading_at(tmp_path, ["a.parquet", "b.parquet"]))
    with pytest.raises(CannotRun, match=r"c.parquet: has the column `y`, unlike a.parquet"):
        open_data(reading_at(tmp_path, ["a.parquet", "c.parquet"]))


def test_a_mistake_is_named_with_its_file(written):
    root = written(a_csv="x,y\n1,2\n", b_csv="x,y\n1,2\n3\n")
    with pytest.raises(CannotRun, match=r"^b.csv:3: a row has 1 fields where the header has 2"):
        open_data(reading_at(root, "*.csv"))


def test_what_is_no_data(written, tmp_path):
    root = written(a_csv="x\n1\n", mixed__a_csv="x\n1\n")
    (tmp_path / "mixed/b.json").write_text("[]")
    with pytest.raises(CannotRun, match=r"no file matches `none-\*.csv`"):
        open_data(reading_at(root, "none-*.csv"))
    with pytest.raises(CannotRun, match="the same file is named twice"):
        open_data(reading_at(root, ["a.csv", "a*.csv"]))
    with pytest.raises(UsageError, match="several formats: mixed/a.csv|a.csv, b.json"):
        open_data(reading_at(root, "mixed"))
    with pytest.raises(CannotRun, match='there is a column "x" already'):
        open_data(reading_at(root, "a.csv", file_column="x"))


def test_a_file_of_a_pattern_that_only_dvc_has_is_missed(written):
    root = written(p1_csv="x\n1\n")
    (root / "p2.csv.dvc").write_text("outs: []\n")
    with pytest.raises(DvcPointer, match=r"DVC has p2.csv, not checked out here"):
        open_data(reading_at(root, "p*.csv"))


def test_compressed_parts(tmp_path):
    for number in (1, 2):
        (tmp_path / f"p{number}.csv.gz").write_bytes(gzip.compress(f"x\n{number}\n".encode()))
    assert rows(open_data(reading_at(tmp_path, "p*.csv.gz"))) == [(1,), (2,)]


def test_a_file_without_a_value_says_nothing_of_a_type(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": null}\n')
    (tmp_path / "b.jsonl").write_text('{"x": 1}\n')
    assert open_data(reading_at(tmp_path, "*.jsonl")).columns["x"].kind == "integer"


@pytest.mark.parametrize(
    ("name", "keys"), [("a.jsonl", {"skip_rows": 1}), ("a.csv", {"sheet": 0}), ("a.parquet", {"types": {"x": "text"}})]
)
def test_what_does_not_apply_to_a_format_is_refused(tmp_path, name, keys):
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n')
    (tmp_path / "a.csv").write_text("x\n1\n")
    parquet(tmp_path / "a.parquet", x=[1])
    with pytest.raises(UsageError, match=f"`{next(iter(keys)).replace('_', '-')}` does not apply to"):
        open_data(reading_at(tmp_path, name, **keys))


def test_objects_of_other_keys_are_one_table(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n')
    (tmp_path / "b.jsonl").write_text('{"y": "2024-01-01"}\n{"x": "a"}\n')
    batch = open_data(reading_at(tmp_path, "*.jsonl"))
    assert {name: column.kind for name, column in batch.columns.items()} == {"x": "text", "y": "date"}
    assert batch.lines([3]) == {3: 2}
