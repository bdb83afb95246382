"""The data diff of patterns, folders and lists: all rows against all rows that the base had."""

import pytest

pytestmark = pytest.mark.slow

A, B = "id,n\n1,a\n2,b\n", "id,n\n3,c\n4,d\n"


def asset(path, more="key: id"):
    return f"version: 1\ndata:\n  d: {{path: {path}, {more}, expect: [expect_column_to_exist: {{column: id}}]}}\n"


def begin(project, path, more="key: id"):
    files = {"parts/y=1/a__csv": A, "parts/y=2/b__csv": B, "parts/_old__csv": "x\n1\n", "other__csv": A}
    project.commit(mlci__yaml=asset(path, more), **files)
    project.branch()


@pytest.mark.parametrize("path", ["parts", '"parts/*/*.csv"', "[parts/y=1/a.csv, parts/y=2/b.csv]"])
def test_files_that_changed_moved_and_went(project, path):
    begin(project, path)
    assert project.gate(base="main").data_changes == ()
    project.commit(**{"parts/y=2/b__csv": "id,n\n3,C\n5,e\n", "other__csv": "id\n"})
    (change,) = project.gate(base="main").data_changes
    assert (change.compared, change.rows) == (True, (4, 4))
    assert (change.added, change.removed, change.changed) == (1, 1, 1)


def test_a_file_that_is_new_and_one_that_is_gone(project):
    begin(project, "parts")
    (project.root / "parts/y=1/a.csv").unlink()
    project.commit(**{"parts/y=3/c__csv": "id,n\n9,z\n"})
    (change,) = project.gate(base="main").data_changes
    assert (change.added, change.removed, change.changed, change.rows) == (1, 2, 0, (4, 3))
    assert change.base is not None


def test_a_file_that_only_moved_changes_no_row(project):
    begin(project, "parts", "key: id, diff: {max-changed: 0, max-removed: 0}")
    (project.root / "parts/y=1/a.csv").rename(project.root / "parts/y=1/z.csv")
    project.commit()
    gate = project.gate(base="main")
    assert gate.status == "passed"
    assert all((change.added, change.removed, change.changed) == (0, 0, 0) for change in gate.data_changes)


def test_a_file_of_a_list_that_the_base_does_not_have(project):
    begin(project, "[parts/y=1/a.csv]")
    project.commit(mlci__yaml=asset("[parts/y=1/a.csv, parts/y=3/c.csv]"), **{"parts/y=3/c__csv": "id,n\n9,z\n"})
    (change,) = project.gate(base="main").data_changes
    assert (change.added, change.removed, change.rows) == (1, 0, (2, 3))


def test_limits_hold_for_several_files(project):
    begin(project, "parts", "key: id, diff: {max-removed: 0}")
    assert project.gate(base="main").status == "passed"
    project.commit(**{"parts/y=2/b__csv": "id,n\n3,c\n"})
    failed = [check for check in project.gate(base="main").checks if check.status == "failed"]
    assert [check.id for check in failed] == ["data.d.diff.max-removed"]


def test_files_that_the_base_does_not_have(project):
    project.commit(mlci__yaml=asset("parts", "diff: {max-removed: 0}"), README__md="x")
    project.branch()
    project.commit(**{"parts/a__csv": A})
    (change,) = project.gate(base="main").data_changes
    assert (change.compared, change.note) == (False, "new: the base does not have its files")
