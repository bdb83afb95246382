"""A gigabyte of CSV: seconds and the most memory that checking it takes.

Run `python benchmarks/data_csv_memory.py [megabytes]`; each kind of check runs in a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

CHECKS = {
    "six row tests": [
        {"expect_column_values_to_not_be_null": {"column": "id"}},
        {"expect_column_values_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
        {"expect_column_values_to_be_in_set": {"column": "colour", "value_set": ["red", "green", "blue"]}},
        {"expect_column_values_to_match_regex": {"column": "text", "regex": "^text"}},
        {"expect_column_values_to_be_of_type": {"column": "day", "type_": "date"}},
        {"expect_column_mean_to_be_between": {"column": "x", "min_value": 0, "max_value": 100}},
    ],
    "unique": [{"expect_column_values_to_be_unique": {"column": "id"}}],
    "a tenth of the rows fail": [{"expect_column_values_to_be_between": {"column": "x", "max_value": 90}}],
}
ROW = 120


def write(path: Path, megabytes: int) -> None:
    """Write a file of about that size."""
    columns = """i as id, (i * 7919) % 1000 / 10.0 as x, ['red', 'green', 'blue'][1 + (i % 3)::int] as colour,
    date '2020-01-01' + (i % 1000)::int as day, 'text ' || repeat('abc ', 20) || i as text"""
    duckdb.sql(f"copy (select {columns} from range({megabytes * 1_000_000 // ROW}) t(i)) to '{path}' (format csv)")


def check(path: str, name: str) -> None:
    """Validate once, and print what it took."""
    from mlci.data import validate

    started = time.perf_counter()
    errors = [result.error for result in validate(path, CHECKS[name]).results if result.error]
    seconds = time.perf_counter() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {seconds:.1f} s, {most:.0f} MiB {errors or ''}")


def main(megabytes: int) -> None:
    """Write the file and run every check in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        write(path, megabytes)
        print(f"{path.stat().st_size / 1e6:.0f} MB")
        for name in CHECKS:
            subprocess.run([sys.executable, __file__, str(path), name], check=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:  # noqa: PLR2004 - the file and the name
        check(sys.argv[1], sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
