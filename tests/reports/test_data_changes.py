"""How data files changed, as every report tells it."""

import io
from dataclasses import replace

import pytest
from rich.console import Console, Group

from mlci.reports import html, junit, markdown
from mlci.reports.changes import line
from mlci.reports.console_data import changed
from mlci.results.files import dumps, loads
from mlci.results.merge import merge
from mlci.results.model import SCHEMA, ColumnShift, DataChange, Gate, Results, TypeChange

AGE = ColumnShift(
    column="age",
    kind="number",
    effect=0.31,
    missing=(0.0, 0.02),
    measures={"mean": (34.12, 39.8), "median": (34.0, 34.0)},
)
TAG = ColumnShift(
    column="tag",
    kind="category",
    effect=0.02,
    missing=(0.0, 0.0),
    measures={"different values": (3, 4), "new categories": (None, 1)},
    values={"SECRET": (0.5, 0.4), "nlp": (0.5, 0.6)},
)
DAY = ColumnShift(
    column="day", kind="date", effect=0.5, missing=(0.0, 0.0), measures={"mean": ("2024-01-03", "2024-06-07")}
)
CHANGE = DataChange(
    asset="tags",
    path="data/tags.csv",
    base="0123456789abcdef",
    key=("id",),
    rows=(1000, 1117),
    added=120,
    removed=3,
    changed=14,
    columns_added=("source", "headline"),
    columns_removed=("title",),
    columns_renamed=(("title", "headline"),),
    types=(TypeChange(column="price", before="integer", now="text"),),
    changed_by_column={"age": 14},
    shifts=(DAY, AGE, TAG),
    examples=({"key": {"id": "7"}, "columns": {"age": ["SECRET", "31"]}},),
)


def results(*changes, show_values=False):
    return Results(
        schema=SCHEMA,
        mlci="0",
        project="p",
        started="2024-01-01T00:00:00+00:00",
        duration_s=1,
        verdict="passed",
        gates=(Gate(name="data", status="passed", data_changes=changes),),
        show_values=show_values,
    )


def console(found):
    text = io.StringIO()
    Console(file=text, width=300).print(Group(*changed(found, verbose=True)))
    return text.getvalue()


def test_a_change_in_one_line():
    assert line(CHANGE) == (
        "+120 −3 ~14 rows (1,000 → 1,117), column `title` now `headline`, column `source` new, `price` integer → text, "
        "`day` mean 2024-01-03 → 2024-06-07, `age` missing 0% → 2%, mean 34.12 → 39.8, `tag` 1 new category"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"added": 2, "removed": 2, "rows": (5, 5)}, "+2 −2 of 5 rows"),
        ({"rows": (5, 5), "added": 0, "removed": 0}, "the same rows, written otherwise or in another order"),
        ({"compared": False, "note": "new: the base does not have it"}, "new: the base does not have it"),
        ({"added": 1, "rows": (1, 2), "note": "`old.csv` at the base"}, "+1 rows (1 → 2) (`old.csv` at the base)"),
    ],
)
def test_other_changes_in_one_line(change, said):
    assert line(DataChange(asset="a", path="a.csv", **change)) == said


def test_the_comment_has_a_line_for_each_file_and_the_columns_folded():
    text = markdown.render(results(CHANGE))
    assert "#### Data changed since <code>0123456</code>" in text
    assert "- <code>data/tags.csv</code>: &#43;120 −3 &#126;14 rows (1,000 → 1,117), column <code>title</code>" in text
    assert "<summary>Columns that moved (3)</summary>" in text


def test_many_changed_files_are_folded():
    text = markdown.render(results(*(replace(CHANGE, path=f"data/{n}.csv") for n in range(12))))
    assert "<summary>More changed data files (7)</summary>" in text
    assert "data/11.csv" in text.partition("More changed data files")[2]


def test_values_are_shown_only_where_they_may_be():
    for shown in (False, True):
        found = results(CHANGE, show_values=shown)
        for text in (html.render(found), console(found)):
            assert ("SECRET" in text) is shown
        assert "SECRET" not in markdown.render(found) + junit.render(found)


def test_hostile_names_do_nothing():
    evil = '`x` <script>alert(1)</script> @team #1 | "'
    change = replace(
        CHANGE, path=evil, columns_added=(evil,), shifts=(replace(AGE, column=evil),), note=evil, key=(evil,)
    )
    page, comment = html.render(results(change)), markdown.render(results(change))
    assert "<script>" not in page
    assert "<script>" not in comment
    assert "@team" not in comment.replace("&#64;<!-- -->team", "")


def test_changes_survive_the_file_of_results_and_a_merge():
    found = loads(dumps(results(CHANGE)).encode(), "results.json")
    assert found.gates[0].data_changes == (CHANGE,)
    merged = merge([replace(found, cell="one"), replace(found, cell="two")])
    assert [change.asset for gate in merged.gates for change in gate.data_changes] == ["one/tags", "two/tags"]
