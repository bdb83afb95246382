"""Excel, Arrow, compressed files and the dialects of CSV."""

import bz2
import datetime as dt
import gzip
import lzma
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.feather
import pytest
import zstandard

from mlci.data.batch import fetch
from mlci.data.sources import open_data, reading_at
from mlci.errors import CannotRun

pytestmark = pytest.mark.slow


def rows(batch):
    return fetch(batch.frame.select(*(column.expr.alias(name) for name, column in batch.columns.items())))


def kinds(batch):
    return [column.kind for column in batch.columns.values()]


@pytest.fixture
def book(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "x", "day", "code", "yes"])
    sheet.append([1, 1.5, dt.date(2024, 1, 31), "007", True])
    sheet.append([])
    sheet.append([2, "N/A", dt.datetime(2024, 2, 1), "1", False])  # noqa: DTZ001
    formula = book.create_sheet("formula")
    formula.append(["a", "b"])
    formula.append([1, "=A2+1"])
    wide = book.create_sheet("wide")
    wide.append(["a"])
    wide.append([1, 2])
    mixed = book.create_sheet("mixed")
    mixed.append(["a"])
    mixed.append([1])
    mixed.append(["12a"])
    book.save(tmp_path / "book.xlsx")
    return tmp_path


def test_a_sheet_keeps_the_types_of_its_cells(book):
    batch = open_data(reading_at(book, "book.xlsx"))
    assert kinds(batch) == ["integer", "number", "date", "text", "boolean"]
    assert rows(batch) == [
        (1, 1.5, dt.date(2024, 1, 31), "007", True),
        (2, None, dt.date(2024, 2, 1), "1", False),
    ]
    assert batch.lines([1, 2]) == {1: 2, 2: 4}
    assert rows(open_data(reading_at(book, "book.xlsx", sheet="mixed"))) == [("1",), ("12a",)]


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("formula", "book.xlsx:2: a cell has a formula and no value"),
        (2, "book.xlsx:2: a row has a value in a column without a name"),
        ("mixt", 'there is no sheet "mixt", did you mean "mixed"?'),
    ],
)
def test_sheets_that_cannot_be_read(book, sheet, message):
    with pytest.raises(CannotRun) as caught:
        open_data(reading_at(book, "book.xlsx", sheet=sheet))
    assert message.split(",")[0] in str(caught.value)


def test_what_is_no_workbook(tmp_path):
    (tmp_path / "x.xlsx").write_text("a,b\n")
    with pytest.raises(CannotRun, match=r"x.xlsx: cannot be read as an Excel file"):
        open_data(reading_at(tmp_path, "x.xlsx"))


TABLE = pa.table(
    {"a": [1, None, 3], "s": pa.array(["x", "y", "x"]).dictionary_encode(), "d": [dt.date(2024, 1, 1)] * 3}
)
ROWS = [(1, "x", dt.date(2024, 1, 1)), (None, "y", dt.date(2024, 1, 1)), (3, "x", dt.date(2024, 1, 1))]


def test_arrow_files_and_streams(tmp_path):
    pyarrow.feather.write_feather(TABLE, tmp_path / "a.feather", compression="lz4")
    with pa.ipc.new_stream(tmp_path / "a.arrows", TABLE.schema) as stream:
        stream.write_table(TABLE)
    for name in ("a.feather", "a.arrows"):
        batch = open_data(reading_at(tmp_path, name))
        assert rows(batch) == ROWS
        assert kinds(batch) == ["integer", "text", "date"]
    both = open_data(reading_at(tmp_path, ["a.feather", "a.arrows"]))
    assert rows(both) == ROWS * 2
    assert both.files([3, 4]) == {3: "a.feather", 4: "a.arrows"}


def test_what_is_no_arrow(tmp_path):
    for content in (b"ARROW1 and no more", b"nothing of the kind"):
        (tmp_path / "x.arrow").write_bytes(content)
        with pytest.raises(CannotRun, match=r"x.arrow: cannot be read as Arrow"):
            open_data(reading_at(tmp_path, "x.arrow"))


TEXT = b'a,b\n1,"x\ny"\n2,z\n'
PACKED = {
    "x.csv.gz": gzip.compress,
    "x.csv.bz2": bz2.compress,
    "x.csv.xz": lzma.compress,
    "x.csv.zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_compressed_text(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name](TEXT))
    batch = open_data(reading_at(tmp_path, name))
    assert (rows(batch), batch.lines([2])) == ([(1, "x\ny"), (2, "z")], {2: 4})
    (tmp_path / name).write_bytes(PACKED[name](TEXT * 1000)[:-9])
    with pytest.raises(CannotRun, match=r"x.csv.*: cannot be unpacked as"):
        open_data(reading_at(tmp_path, name))


def test_zip_with_one_member(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("inner.csv", TEXT)
    assert rows(open_data(reading_at(tmp_path, "x.zip"))) == [(1, "x\ny"), (2, "z")]
    with zipfile.ZipFile(tmp_path / "x.zip", "a") as archive:
        archive.writestr("other.csv", TEXT)
    with pytest.raises(CannotRun, match=r"holds 2 files \(inner.csv, other.csv\)"):
        open_data(reading_at(tmp_path, "x.zip"))


DIALECTS = {
    "quote": ("a,b\n'x,1',2\n", {"quote": "'"}, [("x,1", 2)], {1: 2}),
    "no quote": ('a,b\nx"y,1\n"z",2\n', {"quote": ""}, [('x"y', 1), ('"z"', 2)], {1: 2, 2: 3}),
    "escape": ('a,b\n"x\\"y,",1\n"z,",\n', {"escape": "\\"}, [('x"y,', 1), ("z,", None)], {1: 2, 2: 3}),
    "above and comments": (
        "Report;;;\n\n# c\na,b\n# no\n1,#x\n",
        {"skip_rows": 1, "comment": "#"},
        [(1, "#x")],
        {1: 6},
    ),
    "blank lines above": ("\n\na,b\n1,2\n", {}, [(1, 2)], {1: 4}),
    "no header": ("1,2\n3,4\n", {"header": False, "names": ("x", "y")}, [(1, 2), (3, 4)], {1: 1, 2: 2}),
    "one column": ('x\n\n1\n""\n\n3\n', {}, [(1,), (None,), (3,)], {1: 3, 2: 4, 3: 6}),
    "comment in quotes": ('a,b\n"x\n# y",1\n# z\nu,2\n', {"comment": "#"}, [("x\n# y", 1), ("u", 2)], {2: 5}),
    "other names": ("1,2\n3,4\n", {"names": ("x", "y")}, [(3, 4)], {1: 2}),
}


@pytest.mark.parametrize("case", DIALECTS)
def test_dialects(tmp_path, case):
    content, keys, expected, lines = DIALECTS[case]
    (tmp_path / "x.csv").write_text(content)
    batch = open_data(reading_at(tmp_path, "x.csv", **keys))
    assert rows(batch) == expected
    assert batch.lines(list(lines)) == lines


def test_as_many_names_as_columns(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n")
    with pytest.raises(CannotRun, match="`names` gives 1 columns, and the file has 2"):
        open_data(reading_at(tmp_path, "x.csv", header=False, names=("x",)))
