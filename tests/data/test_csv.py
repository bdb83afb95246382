"""Reading CSV files: what they hold, and what is wrong with those that cannot be read."""

from pathlib import Path

import pytest

from mlci.data.batch import fetch
from mlci.data.sources import LfsPointer, Reading, open_data
from mlci.errors import CannotRun, UsageError


def opened(folder, content, name="data.csv", **options):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_data(Reading(path=path, name=name, **options))


def values(batch, name):
    rows = fetch(batch.frame.select(batch.columns[name].expr.alias("value")))
    return [row[0] for row in rows]


def kinds(batch):
    return {name: column.kind for name, column in batch.columns.items()}


def test_types_are_decided_by_every_value(tmp_path):
    rows = "\n".join(f"{n},{n},{n}.5,2024-01-31,true" for n in range(1, 3000))
    last = "\n007,n.a.,1e3,2024-02-30,yes\n"
    batch = opened(tmp_path, f"zip,mixed,number,day,flag\n{rows}{last}")
    assert kinds(batch) == {"zip": "text", "mixed": "text", "number": "number", "day": "text", "flag": "text"}
    assert values(batch, "zip")[-1] == "007"


def test_types_of_clean_columns(tmp_path):
    batch = opened(
        tmp_path,
        "i,n,b,d,t,z\n1,1.5,true,2024-01-31,2024-01-31 10:00:00,2024-01-31T10:00:00Z\n,,,,,\n-2,2,FALSE,2024-02-29,2024-02-29T00:00,2024-01-31T12:00:00+02:00\n",
    )
    assert kinds(batch) == {
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "d": "date",
        "t": "datetime",
        "z": "datetime",
    }
    assert values(batch, "i") == [1, None, -2]
    assert values(batch, "z")[0] == values(batch, "z")[2]


def test_missing_values_are_those_of_pandas_quoted_or_not(tmp_path):
    batch = opened(tmp_path, 'a\nNA\n"NA"\n""\nnull\nna\n-\n')
    assert values(batch, "a") == [None, None, None, None, "na", "-"]


def test_missing_values_can_be_named(tmp_path):
    batch = opened(tmp_path, "a\nNA\n-\n", null_values=("-",))
    assert values(batch, "a") == ["NA", None]


def test_fields_keep_line_breaks_quotes_and_blanks(tmp_path):
    batch = opened(tmp_path, 'a,b\r\n" x ","one\r\ntwo"\r\n"say ""hi""",2\r\n')
    assert values(batch, "a") == [" x ", 'say "hi"']
    assert values(batch, "b") == ["one\r\ntwo", "2"]


@pytest.mark.parametrize(
    ("encoding", "options"),
    [("utf-16", {"encoding": "utf-16"}), ("cp1252", {"encoding": "windows-1252"}), ("utf-8-sig", {})],
)
def test_encodings(tmp_path, encoding, options):
    batch = opened(tmp_path, "näme,x\ncafé,1\n".encode(encoding), **options)
    assert values(batch, "näme") == ["café"]


def test_mixed_line_ends_are_read(tmp_path):
    batch = opened(tmp_path, b'a,b\r\n1,"x\ny"\n2,z\r\n')
    assert values(batch, "b") == ["x\ny", "z"]


def test_columns_differing_in_case_and_without_name(tmp_path):
    batch = opened(tmp_path, ",a,A\n0,1,2\n")
    assert list(batch.columns) == ["Unnamed: 0", "a", "A"]
    assert (values(batch, "a"), values(batch, "A")) == ([1], [2])


def test_declared_types_hold_or_are_a_problem(tmp_path):
    batch = opened(tmp_path, "zip,age\n12,1\n13,x\n", types={"zip": "text", "age": "integer"})
    assert kinds(batch) == {"zip": "text", "age": "integer"}
    assert batch.problems == (("age", "1 value is no integer, the first in row 2"),)


def test_tsv_and_delimiter(tmp_path):
    assert values(opened(tmp_path, "a\tb\n1,5\t2\n", name="x.tsv"), "a") == ["1,5"]
    assert values(opened(tmp_path, "a;b\n1;2\n", delimiter=";"), "b") == [2]


def test_rows_know_their_lines(tmp_path):
    batch = opened(tmp_path, 'a,b\n1,"x\ny"\n\n2,z\n3,w\n')
    assert batch.lines([1, 2, 3]) == {1: 2, 2: 5, 3: 6}


BAD = {
    "no data file": (None, "data.csv: there is no such data file"),
    "empty": ("", "data.csv: is empty"),
    "too few fields": ('id,x\n1,"a\nb"\n2\n', "data.csv:4: a row has 1 fields where the header has 2"),
    "too many fields": ("id,x\n1,2\n3,4,5\n", "data.csv:3: a row has 3 fields where the header has 2"),
    "open quote": ('id,x\n1,2\n3,"a\n', "data.csv:3: a quote is not closed"),
    "text after a quote": ('id,x\n"1"y,2\n', "data.csv:2: a quote is not closed, or text follows"),
    "not UTF-8": (b"id,x\n1,caf\xe9\n", "data.csv:2: is not utf-8"),
    "not UTF-8 header": (b"caf\xe9,x\n1,2\n", "data.csv:1: is not utf-8"),
    "column twice": ("id,id\n1,2\n", 'data.csv:1: the column "id" stands in the header twice'),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_named_with_their_line(tmp_path, case):
    content, message = BAD[case]
    with pytest.raises(CannotRun, match=message):
        opened(tmp_path, content) if content is not None else open_data(
            Reading(path=tmp_path / "data.csv", name="data.csv")
        )


def test_a_pointer_is_not_the_data(tmp_path):
    with pytest.raises(LfsPointer, match="git lfs pull"):
        opened(tmp_path, "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n")


def test_unknown_formats_and_folders(tmp_path):
    with pytest.raises(UsageError, match="format is not known"):
        opened(tmp_path, "x", name="data.xyz")
    (tmp_path / "data").mkdir()
    with pytest.raises(CannotRun, match="is a folder without a csv file"):
        open_data(Reading(path=tmp_path / "data", name="data", format="csv"))


def test_reading_leaves_nothing_behind(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    opened(tmp_path, "a\n1\n").close()
    with pytest.raises(CannotRun):
        opened(tmp_path, "a\n1,2\n")
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


@pytest.mark.slow
def test_types_beyond_the_first_rows_of_many_columns(tmp_path):
    header = ",".join(f"c{n}" for n in range(150))
    rows = "\n".join(",".join("7" for _ in range(150)) for _ in range(3000))
    last = ",".join("7" if n % 3 else "7.5" if n % 2 else "x" for n in range(150))
    batch = opened(tmp_path, f"{header}\n{rows}\n{last}\n")
    assert [batch.columns[f"c{n}"].kind for n in (0, 1, 3)] == ["text", "integer", "number"]


WRITTEN = {
    "no type": "text",
    "9223372036854775807": "integer",
    "9223372036854775808": "integer",
    "1" * 39: "text",
    "00": "text",
    "-0": "integer",
    "+5": "integer",
    " 5": "integer",
    "1.": "number",
    ".5e-3": "number",
    "1e400": "number",
    "-inf": "number",
    "1_000": "text",
    "0x10": "text",
    "2024-02-30": "text",
    "2024-1-1": "text",
    "2024-01-01 24:00": "text",
    "2024-01-01T10:00:00.123456": "datetime",
    "2024-01-01T10:00+0200": "datetime",
    "True": "boolean",
    "tRue": "text",
    "yes": "text",
}


@pytest.mark.parametrize("rows", [1, 2500])
def test_how_types_are_written(tmp_path, rows):
    header = ",".join(f"c{n}" for n in range(len(WRITTEN)))
    batch = opened(tmp_path, f"{header}\n" + f"{','.join(WRITTEN)}\n" * rows)
    assert dict(zip(WRITTEN, kinds(batch).values(), strict=True)) == WRITTEN


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id,v\n1,5,\n2,6\n", 2),
        ("id,v\r\n1,5\r\n2,6,\r\n", 3),
        ("id,v\n1,5\n2,6,", 3),
        ('id,v\n"a\nb",5\n2,6,\n', 4),
    ],
)
def test_a_delimiter_too_many_at_the_end_of_a_row_is_refused(tmp_path, text, line):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    with pytest.raises(
        CannotRun, match="a row has 3 fields where the header has 2: it ends with a delimiter"
    ) as caught:
        open_data(Reading(path=path, name="t.csv"))
    assert caught.value.where.line == line


@pytest.mark.parametrize("text", ["a,b\n1,\n,\n", 'a,b\n"x\n1,2,3,\ny",2\n', "a,b,c\n1,2,\n1,2,"])
def test_an_empty_last_field_is_none_too_many(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    open_data(Reading(path=path, name="t.csv")).close()
