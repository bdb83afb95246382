"""How often drift alarms without any, and how often it is found: rates over many simulated tables."""

import csv
import random

import duckdb
import numpy as np
import pytest

from mlci.data.drift.cells import CELLS, bounds
from mlci.data.drift.judging import Limits, judge
from mlci.data.drift.profiling import counted_like, most_cells, profile_of, without_rare
from mlci.data.frames import batch_of
from mlci.data.sources import open_path
from mlci.results.profile import ColumnProfile, Profile

pytestmark = pytest.mark.slow

USUAL = Limits(distance=0.1, new=0.01, false_alarm_rate=0.01)
SPLITS = 500
SHIFTS = 100


def alarms(reference, now, rows, *, limits=USUAL, private=False):
    before = profile_of(reference, list(reference.columns), rows[0], private=private)
    return [
        each.name
        for each in judge(before, counted_like(before, now, list(now.columns), rows[1]), limits)
        if each.drifted
    ]


def halves(path, seed, folder):
    """Return both halves of a file, opened."""
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    random.Random(seed).shuffle(rows)
    parts = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    for name, part in zip("ab", parts, strict=True):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([head, *part])
    return [open_path(folder / f"{name}.csv", name=name) for name in "ab"], tuple(map(len, parts))


@pytest.mark.parametrize("private", [False, True])
def test_two_halves_of_a_file_rarely_alarm(corpora, tmp_path, private):
    path = corpora / "madewithml" / "2023" / "datasets" / "titanic.csv"
    found = 0
    for seed in range(20):
        (a, b), rows = halves(path, seed, tmp_path)
        try:
            found += bool(alarms(a, b, rows, private=private))
        finally:
            a.close()
            b.close()
    assert found <= 2  # 1 % of 20, and chance


def mixed(rng, rows):
    """Return columns of every kind; those of texts as the codes of their categories."""
    zipf, steep = (1 / np.arange(1, size + 1) for size in (30, 80))
    return {
        **{f"x{at}": rng.normal(size=rows) for at in range(8)},
        "skewed": rng.lognormal(sigma=1.5, size=rows),
        "tied": rng.integers(0, 4, rows).astype(float),
        "zeros": np.where(rng.random(rows) < 0.8, 0.0, rng.random(rows)),
        "holes": np.where(rng.random(rows) < 0.1, np.nan, rng.random(rows)),
        "lengths": rng.geometric(0.1, rows).astype(float),
        "city": rng.choice(30, rows, p=zipf / zipf.sum()),
        "rare": rng.choice(80, rows, p=steep / steep.sum()),
        "flag": rng.choice(2, rows, p=[0.98, 0.02]),
    }


def counted(values, edges):
    """Return the profile of numbers in cells, as the SQL counts them."""
    present = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return ColumnProfile(
        form="number",
        holds="numbers",
        rows=len(values),
        missing=len(values) - len(present),
        edges=tuple(edges),
        counts=tuple(map(int, counts)),
    )


def edges_of(values, cells):
    present = values[~np.isnan(values)]
    return bounds(np.quantile(present, np.arange(1, cells) / cells, method="inverted_cdf"))


def listed(codes):
    names, amounts = np.unique(codes, return_counts=True)
    categories = dict(zip(map(str, names), map(int, amounts), strict=True))
    return ColumnProfile(form="category", holds="text", rows=len(codes), categories=categories)


def both(before, now, *, private):
    """Return the profiles of a reference and of another table, in its cells."""
    cells = most_cells(len(next(iter(before.values())))) if private else CELLS
    sides = {}, {}
    for name, values in before.items():
        if values.dtype.kind == "f":
            edges = edges_of(values, cells)
            found = counted(values, edges), counted(now[name], edges)
        else:
            found = listed(values), listed(now[name])
        sides[0][name] = without_rare(found[0]) if private else found[0]
        sides[1][name] = found[1]
    return [Profile(rows=side["x0"].rows, columns=side) for side in sides]


@pytest.mark.parametrize(("rows", "private"), [(240, False), (2_000, False), (2_000, True)])
def test_at_most_five_in_a_hundred_splits_alarm(rows, private):
    rng = np.random.default_rng(rows)
    columns = mixed(rng, rows)
    found = []
    for _ in range(SPLITS):
        order = rng.permutation(rows)
        sides = ({name: values[part] for name, values in columns.items()} for part in np.array_split(order, 2))
        found += [
            (each.name, each.drifted[0].what) for each in judge(*both(*sides, private=private), USUAL) if each.drifted
        ][:1]
    print(f"{len(found)} of {SPLITS} splits of {rows} rows alarm: {found}")
    assert len(found) <= SPLITS * 0.05


@pytest.mark.parametrize(("rows", "private"), [(5_000, False), (2_500, True)])
def test_a_shift_of_a_third_of_a_deviation_in_one_of_thirty_columns_is_found(rows, private):
    rng = np.random.default_rng(30)
    found = others = 0
    for _ in range(SHIFTS):
        before, now = ({f"x{at}": rng.normal(size=rows) for at in range(30)} for _ in range(2))
        now["x7"] += 0.3
        drifted = {each.name for each in judge(*both(before, now, private=private), USUAL) if each.drifted}
        found += "x7" in drifted
        others += bool(drifted - {"x7"})
    print(f"{rows} rows: found in {found} of {SHIFTS}, false alarms {others}")
    assert found >= 0.95 * SHIFTS
    assert others <= 0.05 * SHIFTS


def test_a_large_table_does_not_alarm_on_nothing():
    connection = duckdb.connect()
    tables = [
        connection.sql(f"select (random() + {shift}) as x, (random() < {share})::text as y from range(400000)")
        for shift, share in ((0, 0.5), (0.01, 0.51))
    ]
    for name, relation in zip("ab", tables, strict=True):
        relation.create(name)
    batches = [batch_of(connection.table(name)) for name in "ab"]
    rows = (400_000, 400_000)
    assert alarms(*batches, rows) == []
    assert set(alarms(*batches, rows, limits=Limits(distance=0.001, new=0.01, false_alarm_rate=0.01))) == {"x", "y"}
