"""24 expectations on a million rows of Parquet: mlci beside one DuckDB query written by hand for the same answers.

Run `python benchmarks/data_fused.py [rows]`; prints the best of three of each, and their ratio. The query is the least
that has to be computed: it finds no failing rows and words nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from mlci.data import validate

ROWS = 1_000_000
COLUMNS = """
    i as id, i % 97 as k, (i * 7919) % 1000 / 10.0 as x, case when i % 50 = 0 then null else (i * 31) % 100 end as y,
    'name ' || (i % 5000) as name, ['red', 'green', 'blue'][1 + (i % 3)::int] as colour,
    date '2020-01-01' + (i % 1000)::int as day, i % 2 = 0 as flag
"""
SUITE = [
    {"expect_table_row_count_to_be_between": {"min_value": 1}},
    {"expect_table_columns_to_match_set": {"column_set": ["id", "k", "x", "y", "name", "colour", "day", "flag"]}},
    {"expect_column_values_to_be_unique": {"column": "id"}},
    *({"expect_column_values_to_not_be_null": {"column": name}} for name in ("id", "k", "x", "name", "colour", "day")),
    {"expect_column_values_to_not_be_null": {"column": "y", "mostly": 0.9}},
    {"expect_column_values_to_be_between": {"column": "k", "min_value": 0, "max_value": 96}},
    {"expect_column_values_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
    {"expect_column_values_to_be_between": {"column": "day", "min_value": "2020-01-01", "max_value": "2023-01-01"}},
    {"expect_column_values_to_be_in_set": {"column": "colour", "value_set": ["red", "green", "blue"]}},
    {"expect_column_values_to_match_regex": {"column": "name", "regex": "^name [0-9]+$"}},
    {"expect_column_value_lengths_to_be_between": {"column": "name", "min_value": 6, "max_value": 9}},
    {"expect_column_mean_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
    {"expect_column_stdev_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
    {"expect_column_median_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
    {"expect_column_sum_to_be_between": {"column": "k", "min_value": 0}},
    {"expect_column_min_to_be_between": {"column": "y", "min_value": 0}},
    {"expect_column_max_to_be_between": {"column": "y", "max_value": 100}},
    {"expect_column_unique_value_count_to_be_between": {"column": "colour", "min_value": 3, "max_value": 3}},
    {"expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "id", "column_B": "k", "or_equal": True}},
]
BY_HAND = """
    select count(*), count(distinct id), count(id), count(k), count(x), count(name), count(colour), count(day),
    count(y), count_if(not (k between 0 and 96)), count_if(not (x between 0 and 100)),
    count_if(not (day between date '2020-01-01' and date '2023-01-01')),
    count_if(colour not in ('red', 'green', 'blue')), count_if(not regexp_matches(name, '^name [0-9]+$')),
    count_if(not (length(name) between 6 and 9)), avg(x), stddev_samp(x), median(x), sum(k), min(y), max(y),
    count(distinct colour), count_if(not (id >= k))
    from read_parquet('{path}')
"""


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of three runs."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def main(rows: int) -> None:
    """Measure both, and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.parquet"
        duckdb.sql(f"copy (select {COLUMNS} from range({rows}) t(i)) to '{path}' (format parquet)")
        results = validate(path, SUITE)
        if not results.success or len(results.results) != len(SUITE):
            raise SystemExit([result for result in results.results if not result.success])
        by_hand = best(lambda: duckdb.connect().sql(BY_HAND.format(path=path)).fetchall())
        by_mlci = best(lambda: validate(path, SUITE))
        print(f"{rows} rows, {len(SUITE)} expectations: by hand {by_hand:.2f} s, mlci {by_mlci:.2f} s")
        print(f"ratio {by_mlci / by_hand:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
