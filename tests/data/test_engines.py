"""One suite of every expectation, on every engine: the same answers."""

import datetime as dt
import decimal
import json
import math
import sqlite3

import duckdb
import pandas as pd
import polars as pl
import pytest

from mlci.data import validate
from mlci.data.sources import remote
from mlci.expectations import EXPECTATIONS

pytestmark = pytest.mark.slow

ODD = 'Odd "Name"'
COLUMNS = {
    "id": ([1, 2, 3, 4, 5, 6, 7, 8, 8, 10], pl.Int64),
    "n": ([0.5, -1.5, None, 2.0, 2.0, 3.25, 40.0, None, 5.0, 6.5], pl.Float64),
    "m": ([0.5, 2.5, None, 1.0, 2.0, 3.5, 7.0, 8.0, None, 6.0], pl.Float64),
    "word": (["ant", "bee", None, "ant", "Cat%", "dog\n", "é_1", "x\\y", "ant", "bee 2"], pl.String),
    "json": (['{"a": 1}', '{"a": "x"}', None, "[1]", "{", "1", '{"a": 2}', '{"a": 3}', "[]", "x"], pl.String),
    "stamp": (
        ["2024-01-31", "2024-02-30", None, "31/01/2024", "2024-01-01", "1 May", "x", "2024-12-31", "-", "2023-06-01"],
        pl.String,
    ),
    "flag": ([True, False, None, True, True, False, True, True, False, True], pl.Boolean),
    "day": ([dt.date(2024, 1, at) if at != 4 else None for at in range(1, 11)], pl.Date),
    "moment": (
        [
            dt.datetime.fromisoformat("2024-01-01T12:00") + dt.timedelta(hours=7 * at) if at != 3 else None
            for at in range(10)
        ],
        pl.Datetime("us"),
    ),
    ODD: (list("abcdefghii"), pl.String),
    "void": ([None] * 10, pl.Float64),
}
_BINS = {"bins": [-2, 0, 2, 4, 50], "weights": [0.1, 0.2, 0.4, 0.3]}
_WORDS = {"values": ["ant", "bee", "cow"], "weights": [0.5, 0.3, 0.2]}
_SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

SUITE = [
    {"expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": {"column": "n", "partition_object": _BINS}},
    {
        "expect_column_chisquare_test_p_value_to_be_greater_than": {
            "column": "word",
            "partition_object": _WORDS,
            "tail_weight_holdout": 0.3,
        }
    },
    {"expect_column_distinct_values_to_be_in_set": {"column": "word", "value_set": ["ant", "bee", "dog"]}},
    {"expect_column_distinct_values_to_be_in_set": {"column": "day", "value_set": ["2024-01-01", "2024-01-02"]}},
    {"expect_column_distinct_values_to_contain_set": {"column": "id", "value_set": [1, 2, 99]}},
    {"expect_column_distinct_values_to_equal_set": {"column": "flag", "value_set": [True, False]}},
    {
        "expect_column_kl_divergence_to_be_less_than": {
            "column": "n",
            "partition_object": _BINS,
            "threshold": 0.1,
        }
    },
    {
        "expect_column_kl_divergence_to_be_less_than": {
            "column": "word",
            "partition_object": _WORDS,
            "threshold": 0.1,
            "tail_weight_holdout": 0.1,
        }
    },
    {"expect_column_max_to_be_between": {"column": "n", "max_value": 40, "strict_max": True}},
    {"expect_column_max_to_be_between": {"column": "moment", "max_value": "2024-01-04 03:00:00"}},
    {"expect_column_max_to_be_between": {"column": "word", "max_value": "zoo"}},
    {"expect_column_mean_to_be_between": {"column": "n", "min_value": 7, "max_value": 8}},
    {"expect_column_mean_to_be_between": {"column": "flag", "min_value": 0.5}},
    {"expect_column_mean_to_be_between": {"column": "void", "min_value": 0.5}},
    {"expect_column_median_to_be_between": {"column": "n", "min_value": 2.6, "max_value": 2.7}},
    {"expect_column_min_to_be_between": {"column": "day", "min_value": "2024-01-02"}},
    {"expect_column_min_to_be_between": {"column": "id", "min_value": 1, "strict_min": True}},
    {"expect_column_most_common_value_to_be_in_set": {"column": "word", "value_set": ["ant"]}},
    {"expect_column_pair_cramers_phi_value_to_be_less_than": {"column_A": "word", "column_B": "flag"}},
    {"expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "n", "column_B": "m", "or_equal": True}},
    {
        "expect_column_pair_values_a_to_be_greater_than_b": {
            "column_A": "n",
            "column_B": "m",
            "ignore_row_if": "either_value_is_missing",
        }
    },
    {"expect_column_pair_values_to_be_equal": {"column_A": "n", "column_B": "m", "ignore_row_if": "neither"}},
    {
        "expect_column_pair_values_to_be_in_set": {
            "column_A": "id",
            "column_B": "flag",
            "value_pairs_set": [[1, True], [2, False], [3, None], [4, False]],
        }
    },
    {
        "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": {
            "column": "n",
            "distribution": "norm",
            "params": {"mean": 2, "std_dev": 3},
        }
    },
    {"expect_column_proportion_of_non_null_values_to_be_between": {"column": "n", "min_value": 0.8}},
    {"expect_column_proportion_of_unique_values_to_be_between": {"column": "word", "min_value": 0.9}},
    {
        "expect_column_quantile_values_to_be_between": {
            "column": "n",
            "quantile_ranges": {"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[-2, 0], [None, 2], [6, None]]},
        }
    },
    {
        "expect_column_quantile_values_to_be_between": {
            "column": "id",
            "quantile_ranges": {"quantiles": [0.33], "value_ranges": [[3, 4]]},
            "allow_relative_error": "linear",
        }
    },
    {"expect_column_stdev_to_be_between": {"column": "n", "min_value": 13, "max_value": 14}},
    {"expect_column_sum_to_be_between": {"column": "n", "max_value": 57}},
    {"expect_column_sum_to_be_between": {"column": "flag", "max_value": 5}},
    {"expect_column_sum_to_be_between": {"column": "id", "max_value": 5, "row_condition": "word = 'ant'"}},
    {"expect_column_to_exist": {"column": ODD, "column_index": 9}},
    {"expect_column_type_to_be": {"column": "id", "type_": "VARCHAR"}},
    {"expect_column_unique_value_count_to_be_between": {"column": "n", "max_value": 6}},
    {"expect_column_value_lengths_to_be_between": {"column": "word", "min_value": 3, "max_value": 3}},
    {"expect_column_value_lengths_to_equal": {"column": "word", "value": 3, "mostly": 0.5}},
    {"expect_column_value_z_scores_to_be_less_than": {"column": "n", "threshold": 2}},
    {"expect_column_values_to_be_between": {"column": "n", "min_value": 0, "max_value": 6.5, "strict_max": True}},
    {"expect_column_values_to_be_between": {"column": "day", "min_value": "2024-01-02", "max_value": "2024-01-09"}},
    {"expect_column_values_to_be_between": {"column": "moment", "max_value": "2024-01-02 12:00:00"}},
    {"expect_column_values_to_be_between": {"column": "word", "min_value": "b"}},
    {"expect_column_values_to_be_between": {"column": "void", "min_value": 1}},
    {
        "expect_column_values_to_be_between": {
            "column": "id",
            "max_value": 1,
            "row_condition": "flag == True",
            "condition_parser": "pandas",
        }
    },
    {"expect_column_values_to_be_dateutil_parseable": {"column": "stamp"}},
    {"expect_column_values_to_be_decreasing": {"column": "n"}},
    {"expect_column_values_to_be_in_set": {"column": "word", "value_set": ["ant", "bee", None]}},
    {"expect_column_values_to_be_in_set": {"column": "flag", "value_set": [True]}},
    {"expect_column_values_to_be_in_type_list": {"column": "word", "type_list": ["StringType", "str", "TEXT"]}},
    {"expect_column_values_to_be_increasing": {"column": "id", "strictly": True}},
    {"expect_column_values_to_be_increasing": {"column": "n"}},
    {"expect_column_values_to_be_json_parseable": {"column": "json"}},
    {"expect_column_values_to_be_null": {"column": "n"}},
    {"expect_column_values_to_be_null": {"column": "void"}},
    {"expect_column_values_to_be_of_type": {"column": "id", "type_": "int"}},
    {"expect_column_values_to_be_of_type": {"column": "n", "type_": "str"}},
    {"expect_column_values_to_be_unique": {"column": ODD}},
    {"expect_column_values_to_be_unique": {"column": "n"}},
    {"expect_column_values_to_match_json_schema": {"column": "json", "json_schema": _SCHEMA}},
    {"expect_column_values_to_match_like_pattern": {"column": "word", "like_pattern": "%e%"}},
    {
        "expect_column_values_to_match_like_pattern_list": {
            "column": "word",
            "like_pattern_list": ["a__", "%\\%"],
            "escape": "\\",
        }
    },
    {"expect_column_values_to_match_regex": {"column": "word", "regex": r"^\w+$"}},
    {"expect_column_values_to_match_regex": {"column": "word", "regex": r"(?!ant)^[a-z]"}},
    {"expect_column_values_to_match_regex_list": {"column": "word", "regex_list": ["^a", r"\d"], "match_on": "any"}},
    {"expect_column_values_to_match_regex_list": {"column": "word", "regex_list": ["^a", "t$"], "match_on": "all"}},
    {"expect_column_values_to_match_strftime_format": {"column": "stamp", "strftime_format": "%Y-%m-%d"}},
    {"expect_column_values_to_not_be_in_set": {"column": "n", "value_set": [2, 40]}},
    {"expect_column_values_to_not_be_null": {"column": "n", "mostly": 0.8}},
    {"expect_column_values_to_not_be_outliers": {"column": "n"}},
    {"expect_column_values_to_not_be_outliers": {"column": "n", "method": "std", "multiplier": 1}},
    {"expect_column_values_to_not_match_like_pattern": {"column": "word", "like_pattern": "_n_"}},
    {"expect_column_values_to_not_match_like_pattern_list": {"column": "word", "like_pattern_list": ["_n_", "%2"]}},
    {"expect_column_values_to_not_match_regex": {"column": "word", "regex": r"\s"}},
    {"expect_column_values_to_not_match_regex_list": {"column": "word", "regex_list": [r"\d", "(.)\\1"]}},
    {"expect_compound_columns_to_be_unique": {"column_list": ["word", "flag"]}},
    {"expect_multicolumn_sum_to_equal": {"column_list": ["n", "m"], "sum_total": 1}},
    {"expect_multicolumn_values_to_be_equal": {"column_list": ["n", "m"]}},
    {"expect_select_column_values_to_be_unique_within_record": {"column_list": ["n", "m", "id"]}},
    {"expect_table_column_count_to_be_between": {"max_value": 10}},
    {"expect_table_column_count_to_equal": {"value": 11}},
    {"expect_table_columns_to_match_ordered_list": {"column_list": [*COLUMNS][:-1]}},
    {"expect_table_columns_to_match_set": {"column_set": [*COLUMNS, "more"]}},
    {"expect_table_row_count_to_be_between": {"min_value": 10, "max_value": 10}},
    {"expect_table_row_count_to_equal": {"value": 11}},
    {"expect_table_row_count_to_equal_other_table": {"other_table_name": "itself"}},
    {"expect_table_row_count_ratio_to_other_table_to_be_between": {"other_table_name": "itself", "min_value": 1.5}},
    {"unexpected_rows_expectation": {"unexpected_rows_query": "select id from {batch} where id > 7 order by id"}},
]


EMPTY = {name: ([], kind) for name, (_, kind) in COLUMNS.items()}
EDGES = {
    "Amount": (
        [decimal.Decimal(text) if text else None for text in ("1.10", "2.20", "2.20", "", "-5.00")],
        pl.Decimal(10, 2),
    ),
    "ratio": ([math.nan, 1.0, math.inf, -1.0, 2.0], pl.Float64),
    "at": (
        [dt.datetime(2024, 3, day, 23, 30, tzinfo=dt.UTC) for day in (1, 2, 3, 4)] + [None],
        pl.Datetime("us", "UTC"),
    ),
    "select": ([" a", "A", "a ", "", "ß"], pl.String),
    "row": ([1, 2, 3, 4, 5], pl.Int32),
    "small": ([1, None, 3, 3, 5], pl.Int32),
    "big": ([2**53 + 1, 2**53, 2**53 + 3, 7, None], pl.Int64),
}
EDGE_SUITE = [
    {
        "expect_column_values_to_be_between": {
            "column": "Amount",
            "min_value": 1.1,
            "max_value": 2.2,
            "strict_max": True,
        }
    },
    {"expect_column_values_to_be_in_set": {"column": "Amount", "value_set": [1.1, 2.2]}},
    {"expect_column_values_to_be_unique": {"column": "Amount"}},
    {"expect_column_sum_to_be_between": {"column": "Amount", "max_value": 1}},
    {"expect_column_mean_to_be_between": {"column": "Amount", "max_value": 1}},
    {"expect_column_median_to_be_between": {"column": "Amount", "max_value": 1}},
    {"expect_column_min_to_be_between": {"column": "Amount", "min_value": -5}},
    {"expect_column_value_z_scores_to_be_less_than": {"column": "Amount", "threshold": 1}},
    {"expect_column_values_to_not_be_outliers": {"column": "Amount"}},
    {"expect_column_distinct_values_to_be_in_set": {"column": "Amount", "value_set": [1.1, 2.2]}},
    {"expect_multicolumn_sum_to_equal": {"column_list": ["Amount", "small"], "sum_total": 2.1}},
    {"expect_column_values_to_not_be_null": {"column": "ratio"}},
    {"expect_column_values_to_be_between": {"column": "ratio", "min_value": 0}},
    {"expect_column_max_to_be_between": {"column": "ratio", "max_value": 5}},
    {"expect_column_values_to_be_unique": {"column": "ratio"}},
    {"expect_column_unique_value_count_to_be_between": {"column": "ratio", "max_value": 3}},
    {"expect_column_values_to_be_increasing": {"column": "ratio"}},
    {
        "expect_column_values_to_be_between": {
            "column": "at",
            "min_value": "2024-03-02",
            "max_value": "2024-03-03T23:30:00+00:00",
        }
    },
    {"expect_column_values_to_be_between": {"column": "at", "max_value": "2024-03-02T18:30:00-05:00"}},
    {"expect_column_min_to_be_between": {"column": "at", "max_value": "2024-03-01"}},
    {"expect_column_values_to_be_in_set": {"column": "at", "value_set": ["2024-03-01T23:30:00"]}},
    {"expect_column_values_to_be_unique": {"column": "select"}},
    {"expect_column_values_to_be_in_set": {"column": "select", "value_set": ["a", "A", ""]}},
    {"expect_column_value_lengths_to_equal": {"column": "select", "value": 1}},
    {"expect_column_values_to_match_regex": {"column": "select", "regex": r"^\w$"}},
    {"expect_column_values_to_match_regex": {"column": "select", "regex": "(?i)^ss|^a"}},
    {"expect_column_values_to_be_between": {"column": "select", "min_value": "A"}},
    {"expect_column_max_to_be_between": {"column": "select", "max_value": "a"}},
    {"expect_column_values_to_be_null": {"column": "small", "row_condition": "\"select\" in ('A', '')"}},
    {"expect_column_mean_to_be_between": {"column": "small", "max_value": 1, "row_condition": "Amount > 2"}},
    {"expect_column_values_to_be_in_set": {"column": "big", "value_set": [2**53 + 1, 7]}},
    {"expect_column_values_to_be_between": {"column": "big", "max_value": 2**53}},
    {"expect_column_max_to_be_between": {"column": "big", "max_value": 1}},
    {"expect_column_sum_to_be_between": {"column": "big", "max_value": 1}},
    {"expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "Amount", "column_B": "small"}},
    {"expect_column_pair_values_to_be_equal": {"column_A": "small", "column_B": "ratio"}},
    {"expect_compound_columns_to_be_unique": {"column_list": ["small", "select"]}},
    {
        "expect_column_quantile_values_to_be_between": {
            "column": "small",
            "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 2]]},
        }
    },
]


def frame(rows):
    return pl.DataFrame({name: pl.Series(values, dtype=kind) for name, (values, kind) in rows.items()})


def pandas_frame(rows):
    kinds = {pl.Int64: "Int64", pl.Int32: "Int32", pl.Boolean: "boolean", pl.Float64: "float64"}
    made = {}
    for name, (values, kind) in rows.items():
        dtype = kinds.get(kind, "object")
        if isinstance(kind, pl.Datetime):
            dtype = "datetime64[us, UTC]" if kind.time_zone else "datetime64[us]"
        made[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(made)


def written(folder, kind, rows):
    path = folder / f"rows.{kind}"
    if kind == "parquet":
        frame(rows).write_parquet(path)
    else:
        frame(rows).write_csv(path, quote_style="non_numeric", null_value="NA")
    return path


def records(rows):
    return list(zip(*(values for values, _ in rows.values()), strict=True))


def of_spark(spark, rows):
    from pyspark.sql.types import StructField, StructType, _parse_datatype_string

    kinds = {pl.Int64: "bigint", pl.Int32: "int", pl.Boolean: "boolean", pl.Float64: "double", pl.Date: "date"}
    kinds |= {
        pl.Datetime("us"): "timestamp_ntz",
        pl.Datetime("us", "UTC"): "timestamp",
        pl.Decimal(10, 2): "decimal(10,2)",
    }
    fields = [StructField(name, _parse_datatype_string(kinds.get(kind, "string"))) for name, (_, kind) in rows.items()]
    return spark.createDataFrame(records(rows), StructType(fields)).coalesce(1)


def create(rows, kinds):
    named = {name: kinds.get(kind, "text") for name, (_, kind) in rows.items()}
    if ODD in named and "char(5)" in kinds.values():
        named |= {ODD: "char(5)", "word": 'text collate "en-x-icu"'}
    return ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" {kind}' for name, kind in named.items())


def of_postgres(address, rows):
    import ibis
    import psycopg

    kinds = {
        pl.Int64: "bigint",
        pl.Int32: "int",
        pl.Boolean: "boolean",
        pl.Float64: "double precision",
        pl.Date: "date",
    }
    kinds |= {
        pl.Datetime("us"): "timestamp",
        pl.Datetime("us", "UTC"): "timestamptz",
        pl.Decimal(10, 2): "numeric(10, 2)",
    }
    with psycopg.connect(address, password="secret-word") as connection:
        connection.execute("drop table if exists rows")
        connection.execute(f"create table rows ({create(rows, {**kinds, 'padded': 'char(5)'})})")
        marks = ", ".join(["%s"] * len(rows))
        connection.cursor().executemany(f"insert into rows values ({marks})", records(rows))
    return ibis.connect(address.replace("@", ":secret-word@")).table("rows")


def of_sqlite(folder, rows):
    import ibis

    kinds = {pl.Int64: "bigint", pl.Int32: "integer", pl.Boolean: "boolean", pl.Float64: "real", pl.Date: "date"}
    kinds |= {
        pl.Datetime("us"): "timestamp",
        pl.Datetime("us", "UTC"): "timestamp",
        pl.Decimal(10, 2): "decimal(10, 2)",
    }
    with sqlite3.connect(folder / "rows.db") as connection:
        connection.execute(f"create table rows ({create(rows, kinds)})")
        marks = ", ".join(["?"] * len(rows))
        kept = [[_kept(each) for each in row] for row in records(rows)]
        connection.executemany(f"insert into rows values ({marks})", kept)
    connection.close()
    return ibis.sqlite.connect(folder / "rows.db").table("rows")


def _kept(value):
    """What SQLite keeps of a value: it has no dates and no decimals."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    return str(value).removesuffix("+00:00") if isinstance(value, dt.date) else value


def of_ibis_duckdb(folder, rows):
    import ibis

    with duckdb.connect(folder / "rows.duckdb") as connection:
        connection.register("held", frame(rows).to_arrow())
        connection.execute("create table rows as select * from held")
    return ibis.duckdb.connect(folder / "rows.duckdb", read_only=True).table("rows")


def of_s3(client, folder, rows):
    name = f"{folder.name}.parquet"
    client.upload_file(str(written(folder, "parquet", rows)), "data", name)
    return f"s3://data/{name}"


def in_place(monkeypatch, url):
    monkeypatch.setattr(remote, "WHOLE", 0)
    return url


ENGINES = {
    "csv": lambda ask, rows: written(ask("tmp_path"), "csv", rows),
    "parquet": lambda ask, rows: written(ask("tmp_path"), "parquet", rows),
    "pandas": lambda ask, rows: pandas_frame(rows),
    "polars": lambda ask, rows: frame(rows),
    "polars lazy": lambda ask, rows: frame(rows).lazy(),
    "duckdb": lambda ask, rows: duckdb.connect().from_arrow(frame(rows).to_arrow()),
    "ibis duckdb": lambda ask, rows: of_ibis_duckdb(ask("tmp_path"), rows),
    "pyspark": lambda ask, rows: of_spark(ask("spark"), rows),
    "postgresql": lambda ask, rows: of_postgres(ask("postgres"), rows),
    "sqlite": lambda ask, rows: of_sqlite(ask("tmp_path"), rows),
    "s3 object": lambda ask, rows: of_s3(ask("s3"), ask("tmp_path"), rows),
    "s3 object in place": lambda ask, rows: in_place(ask("monkeypatch"), of_s3(ask("s3"), ask("tmp_path"), rows)),
}
CANNOT = dict.fromkeys(("csv", "parquet", "pandas", "polars", "polars lazy", "duckdb", "ibis duckdb"), 0)
"""How many expectations an engine may be unable to do; any other, five."""


def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, decimal.Decimal):
        return plain(float(value))
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, float):
        return None if math.isnan(value) else pytest.approx(value, rel=1e-9, abs=1e-12)
    return str(value) if isinstance(value, dt.date) else value


def seen(result):
    named = result.expectation in {
        "expect_column_type_to_be",
        "expect_column_values_to_be_of_type",
        "expect_column_values_to_be_in_type_list",
    }
    values = result.unexpected_values
    return {
        "success": result.success,
        "observed_value": None if named else plain(result.observed_value),
        "counts": (result.element_count, result.missing_count, result.unexpected_count),
        "values": plain(values),
        "rows": result.rows,
    }


def test_the_suite_asks_every_expectation():
    assert {name for each in SUITE for name in each} == set(EXPECTATIONS)


def compare(data, rows, suite, engine, order):
    """Print what `engine` cannot do, or does in another way than Polars; return both."""
    expected = validate(frame(rows), suite, tables={"itself": frame(rows)}).results
    found = validate(data, suite, tables={"itself": frame(rows)}, order_by=order).results
    cannot = [
        (each.expectation, each.error)
        for each, other in zip(found, expected, strict=True)
        if each.error and not other.error
    ]
    for name, reason in cannot:
        print(f"{engine} cannot: {name}: {reason}")
    different = [
        (next(iter(asked.items())), seen(left), seen(right))
        for asked, left, right in zip(suite, expected, found, strict=True)
        if not right.error and seen(left) != seen(right)
    ]
    for (name, kwargs), left, right in different:
        print(f"{engine}: {name} {json.dumps(kwargs)}:\n   {left}\n   {right}")
    agree = len(suite) - len(cannot) - len(different)
    print(f"{engine}: {agree} of {len(suite)} answers agree, {len(cannot)} cannot be given")
    return dict(cannot), different


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_answers(request, engine):
    data = ENGINES[engine](request.getfixturevalue, COLUMNS)
    cannot, different = compare(data, COLUMNS, SUITE, engine, ("id", ODD))
    assert different == []
    assert len(cannot) <= CANNOT.get(engine, 5)


@pytest.mark.parametrize("engine", set(ENGINES) - {"csv"})
def test_decimals_zones_and_odd_names(request, engine):
    data = ENGINES[engine](request.getfixturevalue, EDGES)
    cannot, different = compare(data, EDGES, EDGE_SUITE, engine, ("row",))
    assert different == []
    assert cannot == {}


@pytest.mark.parametrize("engine", set(ENGINES) - {"csv"})
def test_tables_without_rows(request, engine):
    data = ENGINES[engine](request.getfixturevalue, EMPTY)
    cannot, different = compare(data, EMPTY, SUITE, engine, ("id",))
    assert different == []
    assert cannot == {}


def test_without_an_order_it_is_asked_for(postgres):
    suite = [
        {"expect_column_values_to_be_increasing": {"column": "id"}},
        {"expect_column_values_to_be_unique": {"column": "id"}},
    ]
    rising, unique = validate(of_postgres(postgres, COLUMNS), suite).results
    assert "order-by" in rising.error
    assert (unique.unexpected_values, unique.details["row_order"][:22]) == ((8, 8), "the table has no order")
