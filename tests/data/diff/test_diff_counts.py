"""The counts of the data diff against plain Python, on random tables of several engines."""

import random
from collections import Counter

import duckdb
import pandas as pd
import polars as pl
import pytest

from mlci.data.diff.rows import by_key, by_whole_rows, key_problem, renamed
from mlci.data.diff.shift import shifts
from mlci.data.diff.tables import side_by_side
from mlci.data.frames import batch_of

pytestmark = pytest.mark.slow

ENGINES = {
    "pandas": lambda rows: pd.DataFrame(rows, columns=["id", "x", "t"]),
    "polars": lambda rows: pl.DataFrame(rows, schema=["id", "x", "t"], orient="row"),
    "duckdb": lambda rows: duckdb.connect().from_df(pd.DataFrame(rows, columns=["id", "x", "t"])),
}


def table(random_, size):
    ids = random_.sample(range(60), size)
    return [(i, random_.choice([0.5, 1.5, 2.5, -1.0]), random_.choice(["a", "b", "c d"])) for i in ids]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(5))
def test_counts_agree_with_plain_python(engine, seed):
    random_ = random.Random(seed)
    before, now = table(random_, 40), table(random_, 45)
    with side_by_side(batch_of(ENGINES[engine](before)), batch_of(ENGINES[engine](now)), ()) as tables:
        keyed, whole = by_key(tables, ["id"], examples=True), by_whole_rows(tables)
        assert key_problem(tables, ["id"]) is None
        assert key_problem(tables, ["t"]) is not None
    old, new = ({row[0]: row[1:] for row in rows} for rows in (before, now))
    changed = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert (keyed.added, keyed.removed, keyed.changed) == (len(new.keys() - old), len(old.keys() - new), len(changed))
    assert keyed.by_column.get("t", 0) == sum(old[key][1] != new[key][1] for key in changed)
    assert [int(example["key"]["id"]) for example in keyed.examples] == sorted(changed)[:5]
    assert whole.added == (Counter(now) - Counter(before)).total()
    assert whole.removed == (Counter(before) - Counter(now)).total()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_beside_itself_is_the_same(engine):
    rows = table(random.Random(1), 50)
    shuffled = random.Random(2).sample(rows, len(rows))
    with side_by_side(batch_of(ENGINES[engine](rows)), batch_of(ENGINES[engine](shuffled)), ()) as tables:
        found = by_whole_rows(tables)
        assert (found.added, found.removed, shifts(tables, tables.pairs, show_values=True)) == (0, 0, ())


def test_columns_without_values_and_numbers_that_are_none():
    inf, nan = float("inf"), float("nan")
    before = pd.DataFrame({"empty": [None, None], "x": [1.0, nan], "y": [inf, 1.0]})
    now = pd.DataFrame({"empty": ["a", None], "x": [nan, nan], "y": [-inf, inf]})
    with side_by_side(batch_of(before), batch_of(now), ()) as tables:
        found = {shift.column: shift for shift in shifts(tables, tables.pairs, show_values=False)}
        assert found["empty"].missing == (1.0, 0.5)
        assert found["x"].missing == (0.5, 1.0)
        assert not [pair.name for pair in tables.pairs if pair.retyped]


def test_empty_tables():
    frame = pd.DataFrame({"id": [1, 2], "x": [0.5, 1.5]})
    with side_by_side(batch_of(frame.head(0)), batch_of(frame), ()) as tables:
        assert (by_whole_rows(tables).added, by_key(tables, ["id"], examples=False).added) == (2, 2)
        assert shifts(tables, tables.pairs, show_values=False) == ()


def test_a_column_looks_renamed_only_with_nearly_the_same_values():
    frame = pd.DataFrame(
        {"id": range(40), "old": [f"v{i}" for i in range(40)], "flag": [i % 2 == 0 for i in range(40)]}
    )
    now = frame.rename(columns={"old": "new", "flag": "other"}).assign(other=[i % 3 == 0 for i in range(40)])
    with side_by_side(batch_of(frame), batch_of(now), ()) as tables:
        assert renamed(tables) == (("old", "new"),)
