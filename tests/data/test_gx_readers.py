"""What Great Expectations hands to pandas and Spark, as keys of an asset."""

import pytest

from mlci.data.great_expectations.datasources.reading import reading_of
from mlci.errors import CannotRun, Where

WHERE = Where(path="great_expectations.yml", line=3)
READERS = {
    "json": ("read_json", {"orient": "records"}, {"format": "json"}),
    "json lines": ("json", {"lines": True}, {"format": "jsonl"}),
    "excel": ("excel", {"sheet_name": "B", "skiprows": 2}, {"format": "excel", "sheet": "B", "skip_rows": 2}),
    "feather": ("read_feather", {}, {"format": "arrow"}),
    "names": ("csv", {"names": ["a", "b"]}, {"format": "csv", "header": False, "names": ("a", "b")}),
    "other names": ("csv", {"names": ["a"], "header": 0}, {"format": "csv", "names": ("a",)}),
    "no header": ("csv", {"header": None}, {"format": "csv", "header": False}),
    "signs": (
        "csv",
        {"quotechar": "'", "escapechar": "\\", "comment": "#", "compression": "gzip"},
        {"format": "csv", "quote": "'", "escape": "\\", "comment": "#"},
    ),
}


@pytest.mark.parametrize("case", READERS)
def test_readers(case):
    reader, options, keys = READERS[case]
    assert reading_of(reader, options, spark=False, where=WHERE) == keys


def test_spark_reads_an_object_a_line():
    assert reading_of("json", {}, spark=True, where=WHERE) == {"format": "jsonl"}
    assert reading_of("json", {"multiLine": True}, spark=True, where=WHERE) == {"format": "json"}


@pytest.mark.parametrize(
    ("reader", "options"),
    [("csv", {"skiprows": [1, 2]}), ("csv", {"nrows": 5}), ("json", {"orient": "split"}), ("read_orc", {})],
)
def test_what_is_not_supported_is_named(reader, options):
    with pytest.raises(CannotRun, match="not supported"):
        reading_of(reader, options, spark=False, where=WHERE)
