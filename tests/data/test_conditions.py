"""`row_condition` in its three dialects, with the same meaning on every engine."""

import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pytest

from mlci.data import validate

DATA = {
    "n": [1, 2, 3, None, 5],
    "x": [0.5, None, 2.5, 4.0, 5.5],
    "name": ["ann", "bob", None, "a%c", "eve"],
    "day": [dt.datetime(2024, 1, day) for day in range(1, 6)],  # noqa: DTZ001 - a column without time zone
    "flag": [True, False, True, None, True],
    "two words": [1, 1, 2, 2, 3],
}
FRAMES = {
    "pandas": lambda: pd.DataFrame({**DATA, "n": pd.array(DATA["n"], dtype="Int64")}),
    "pandas objects": lambda: pd.DataFrame({**DATA, "n": pd.Series(DATA["n"], dtype=object)}),
    "polars": lambda: pl.DataFrame(DATA),
    "duckdb": lambda: duckdb.connect().from_arrow(pl.DataFrame(DATA).to_arrow()),
}


def selected(frame, conditions, parser=None):
    asked = {"column": "two words", "value_set": [], "condition_parser": parser}
    suite = [{"expect_column_values_to_be_in_set": {**asked, "row_condition": each}} for each in conditions]
    results = validate(frame, suite).results
    assert [result.error for result in results] == [None] * len(results)
    return [list(result.rows) for result in results]


PANDAS = {
    "n > 2": [3, 5],
    "n != 2": [1, 3, 4, 5],
    "not n > 2": [1, 2, 4],
    "x<3 & n!=1": [3],
    "(n == 1) | (name == 'eve')": [1, 5],
    "`two words` == 2 and n == n": [3],
    "1 < n <= 3": [2, 3],
    "name in ['ann', 'bob']": [1, 2],
    "name not in ['ann', 'bob']": [3, 4, 5],
    "name.isnull()": [3],
    "~name.isnull()": [1, 2, 4, 5],
    "name.str.contains('b')": [2],
    "day >= '2024-01-04'": [4, 5],
    "day == datetime.datetime(2024, 1, 2)": [2],
    "n + x > 5": [3, 5],
    "flag": [1, 3, 5],
    'col("n") == 2': [2],
    'col("name").notNull()': [1, 2, 4, 5],
    "n == 'two'": [],
}
SQL = {
    "n > 2": [3, 5],
    "n <> 2": [1, 3, 5],
    "not n > 2": [1, 2],
    "n != 2 or n is null": [1, 3, 4, 5],
    "name is not null and not (name = 'ann')": [2, 4, 5],
    "n between 2 and 3": [2, 3],
    "n not between 2 and 3": [1, 5],
    "name in ('ann', 'bob')": [1, 2],
    "name not in ('ann', 'bob')": [4, 5],
    "name like 'a%'": [1, 4],
    "name not like 'a!%c' escape '!'": [1, 2, 5],
    '"two words" = 2': [3, 4],
    "`two words` = 2 AND n IS NULL": [4],
    "length(name) = 3 and n + x * 2 > 7": [5],
    "lower(name) = 'eve'": [5],
    "day >= date '2024-01-04'": [4, 5],
    "flag": [1, 3, 5],
    "not flag": [2],
    "not (n > 2 and x > 3)": [1, 2, 3],
    "name = 'it''s'": [],
}
OBJECTS = [
    ({"type": "comparison", "column": {"name": "n"}, "operator": ">", "parameter": 2}, [3, 5]),
    ({"type": "comparison", "column": {"name": "n"}, "operator": "NOT_IN", "parameter": [1, 2]}, [3, 4, 5]),
    ({"type": "nullity", "column": {"name": "name"}, "is_null": True}, [3]),
    ({"type": "pass_through", "pass_through_filter": "n == 2"}, [2]),
]
OBJECTS.append(({"type": "or", "conditions": [OBJECTS[0][0], OBJECTS[2][0]]}, [3, 5]))
OBJECTS.append(({"type": "and", "conditions": [OBJECTS[0][0], OBJECTS[2][0]]}, [3]))


@pytest.fixture(scope="module", params=FRAMES)
def frame(request):
    return FRAMES[request.param]()


@pytest.mark.slow
def test_pandas_text(frame):
    assert dict(zip(PANDAS, selected(frame, PANDAS, "pandas"), strict=True)) == PANDAS


@pytest.mark.slow
def test_sql_text(frame):
    assert dict(zip(SQL, selected(frame, SQL), strict=True)) == SQL


def test_objects(frame):
    assert selected(frame, [condition for condition, _ in OBJECTS]) == [rows for _, rows in OBJECTS]


@pytest.mark.parametrize(
    ("condition", "parser", "problem"),
    [
        ("nope > 3", None, "there is no column `nope`"),
        ('name = "bob"', None, "texts stand in single quotes"),
        ("n >", None, "not understood at its end"),
        ("n > 3 3", None, "not understood at '3'"),
        ("n", None, "it is no comparison"),
        ("n > 'a'", None, "cannot be compared with 'a'"),
        ("n ? 3", None, "not understood at"),
        ("__import__('os').system('true')", "pandas", "not understood"),
        ("n > ", "pandas", "cannot be read"),
        ("n > 3", "pandsa", 'did you mean "pandas"?'),
        ({"type": "comparison", "column": {"name": "n"}}, None, "is missing"),
        (3, None, "is text or a mapping"),
    ],
)
def test_what_cannot_be_read_is_an_error(condition, parser, problem):
    kwargs = {"column": "n", "row_condition": condition, "condition_parser": parser}
    (result,) = validate(FRAMES["pandas"](), [{"expect_column_values_to_be_unique": kwargs}]).results
    assert problem in result.error
