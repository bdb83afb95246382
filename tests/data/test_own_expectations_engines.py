"""Expectations of one's own on every engine: the same answers."""

import datetime as dt
import sqlite3

import duckdb
import polars as pl
import pytest

from mlci import plugins
from mlci.data import validate

pytestmark = pytest.mark.slow

ROWS = 2_500
FRAME = pl.DataFrame(
    {
        "id": range(ROWS),
        "n": [None if at % 10 == 3 else at / 2 for at in range(ROWS)],
        "word": [None if at % 7 == 0 else f"w{at % 5}" for at in range(ROWS)],
        "day": [dt.date(2024, 1, 1) + dt.timedelta(days=at % 30) for at in range(ROWS)],
        "moment": [
            dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=at)
            for at in range(ROWS)
        ],
    }
)
SUITE = [
    {"expect_column_values_to_be_low": {"column": "n", "below": 1200}},
    {"expect_column_values_to_be_low": {"column": "n", "below": 1200, "mostly": 0.9}},
    {"expect_column_values_to_be_low": {"column": "n", "below": 1200, "row_condition": "id < 2000"}},
    {"expect_column_values_to_be_words": {"column": "word"}},
    {"expect_column_values_to_be_iso_days": {"column": "day"}},
    {"expect_n_to_grow": {}},
    {"expect_last_day": {"column": "day"}},
]


@pytest.fixture
def decorated(monkeypatch):
    monkeypatch.setattr(plugins, "REGISTERED", [])

    @plugins.expectation
    def expect_column_values_to_be_low(values, *, below: float):
        return [value < below for value in values]

    @plugins.expectation
    def expect_column_values_to_be_words(values):
        return [value in {"w0", "w1", "w2", "w3"} for value in values]

    @plugins.expectation
    def expect_column_values_to_be_iso_days(values):
        return [len(value) >= 10 and value[:7] == "2024-01" for value in values]

    @plugins.expectation(columns=["id", "n"])
    def expect_n_to_grow(rows):
        return [row["n"] is None or row["n"] * 2 == row["id"] for row in rows]

    @plugins.expectation
    def expect_last_day(rows, *, column: str):
        return {"success": True, "observed_value": max(row[column][:10] for row in rows)}


def engines(tmp_path):
    yield "pandas", FRAME.to_pandas()
    yield "polars", FRAME
    yield "polars, lazy", FRAME.lazy()
    FRAME.write_parquet(tmp_path / "data.parquet")
    FRAME.write_csv(tmp_path / "data.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    yield "parquet", tmp_path / "data.parquet"
    yield "csv", tmp_path / "data.csv"
    yield "duckdb", duckdb.connect().sql(f"select * from '{tmp_path / 'data.parquet'}'")


def answers(data, suite=SUITE):
    found = validate(data, suite)
    assert [result.error for result in found.results] == [None] * len(suite)
    return [
        (result.success, result.element_count, result.missing_count, result.unexpected_count, result.observed_value)
        for result in found.results
    ]


EXPECTED = [
    (False, 2500, 250, 90, None),
    (True, 2500, 250, 90, None),
    (True, 2000, 200, 0, None),
    (False, 2500, 358, 428, None),
    (True, 2500, 0, 0, None),
    (True, 2500, 0, 0, None),
    (True, None, None, None, "2024-01-30"),
]


@pytest.mark.usefixtures("decorated")
def test_files_and_frames(tmp_path):
    for name, data in engines(tmp_path):
        assert (name, answers(data)) == (name, EXPECTED)
    rows = validate(FRAME, SUITE).results[0].rows
    assert rows[:3] == (2401, 2402, 2403)


@pytest.mark.usefixtures("decorated")
def test_a_database_through_ibis(tmp_path):
    ibis = pytest.importorskip("ibis", reason="Ibis is not installed: `pip install --group engines`")
    path = tmp_path / "data.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (id integer, n real, word text, day date, moment timestamp)")
        rows = [(*row[:3], row[3].isoformat(), row[4].isoformat(sep=" ")) for row in FRAME.iter_rows()]
        connection.executemany("insert into t values (?, ?, ?, ?, ?)", rows)
    assert answers(ibis.sqlite.connect(path).table("t")) == EXPECTED
    FRAME.write_parquet(tmp_path / "data.parquet")
    assert answers(ibis.duckdb.connect().read_parquet(tmp_path / "data.parquet")) == EXPECTED


@pytest.mark.usefixtures("decorated")
def test_spark(tmp_path, spark):
    FRAME.write_parquet(tmp_path / "data.parquet")
    data = spark.read.parquet(str(tmp_path / "data.parquet"))
    assert answers(data, [SUITE[0], SUITE[6]]) == [EXPECTED[0], EXPECTED[6]]
