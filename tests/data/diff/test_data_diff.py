"""The data diff on real git repositories: what it counts, what it says, what its limits do."""

import pytest

pytestmark = pytest.mark.slow

CONFIG = """version: 1
data:
  tags:
    path: tags.csv
    {settings}
    allow-empty: true
"""
TAGS = "id,tag,age\n1,nlp,30\n2,cv,40\n3,cv,50\n4,nlp,60\n"


@pytest.fixture
def diff(project):
    """Commit one version, change it, and return the data gate."""

    def gate(before, now, settings="key: id", top=""):
        project.commit(mlci__yaml=top + CONFIG.format(settings=settings), tags__csv=before)
        project.branch()
        project.commit(tags__csv=now)
        return project.gate()

    return gate


def test_rows_are_matched_by_their_key(diff, project):
    gate = diff(TAGS, "id,tag,age\n4,nlp,60\n2,nlp,41\n3,cv,50\n5,cv,70\n6,cv,70\n")
    (change,) = gate.data_changes
    assert (change.asset, change.path, change.key, change.rows) == ("tags", "tags.csv", ("id",), (4, 5))
    assert (change.added, change.removed, change.changed) == (2, 1, 1)
    assert change.changed_by_column == {"tag": 1, "age": 1}
    assert change.base == project.git("rev-parse", "main").strip()
    assert change.examples == ()
    assert gate.checks == ()


def test_without_a_key_whole_rows_are_counted(diff):
    (change,) = diff(TAGS + "4,nlp,60\n", "id,tag,age\n4,nlp,60\n2,nlp,41\n3,cv,50\n1,nlp,30\n", "key: []").data_changes
    assert (change.added, change.removed, change.changed, change.key) == (1, 2, None, ())


def test_a_key_of_two_columns(diff):
    before, now = "a,b,v\n1,1,x\n1,2,x\n", "a,b,v\n1,2,y\n1,1,x\n2,1,x\n"
    (change,) = diff(before, now, "key: [a, b]").data_changes
    assert (change.added, change.removed, change.changed) == (1, 0, 1)


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (TAGS, TAGS + "4,cv,1\n", "the key `id` is not unique: 2 rows share theirs now"),
        (TAGS + "4,cv,1\n", TAGS, "the key `id` is not unique: 2 rows share theirs at the base"),
        (TAGS, TAGS + ",cv,1\n", "the key `id` has no value in 1 rows now"),
        (TAGS, "key,tag,age\n1,nlp,30\n", "the key column `id` does not exist now"),
        ("key,tag,age\n1,nlp,30\n", TAGS, "the key column `id` does not exist at the base"),
    ],
)
def test_a_key_that_names_no_row_is_said_and_whole_rows_are_counted(diff, before, now, says):
    (change,) = diff(before, now).data_changes
    assert change.note == f"{says}: whole rows were counted"
    assert change.changed is None


def test_columns_that_are_new_gone_renamed_and_of_another_type(diff):
    rows = [(i, f"text {i}", i * 1.5, "x") for i in range(20)]
    before = "id,title,price,old\n" + "".join(f"{i},{t},{p},{o}\n" for i, t, p, o in rows)
    now = "id,headline,price,new\n" + "".join(f"{i},{t},{p if i else 'free'},{i % 7}\n" for i, t, p, _ in rows)
    (change,) = diff(before, now).data_changes
    assert change.columns_removed == ("title", "old")
    assert change.columns_added == ("headline", "new")
    assert change.columns_renamed == (("title", "headline"),)
    assert [(each.column, each.before, each.now) for each in change.types] == [("price", "number", "text")]
    assert change.changed == 1


def test_numbers_written_otherwise_are_no_change(diff):
    (change,) = diff("id,x\n1,1.50\n2,2.0\n", 'id,x\n2,2.0\n1,"1.5"\n').data_changes
    assert (change.added, change.removed, change.changed, change.shifts) == (0, 0, 0, ())


def test_ignored_columns_are_not_compared(diff):
    before, now = "id,x,seen\n1,1,a\n", "id,x,seen\n1,1,b\n"
    (change,) = diff(before, now, "key: id\n    diff: {ignore: [seen]}").data_changes
    assert (change.changed, change.columns_removed) == (0, ())


def test_columns_that_moved_come_first_with_what_moved(diff):
    before = "id,steady,grown,kind,word,day,gaps\n"
    before += "".join(
        f"{i},{i % 9},{i % 50},{'ab'[i % 2]},word {i},2024-01-{1 + i % 28:02d},{i % 5}\n" for i in range(200)
    )
    now = "id,steady,grown,kind,word,day,gaps\n"
    now += "".join(
        f"{i},{i % 9},{i % 50 + 20},{'abc'[i % 3]},word {i},2024-03-{1 + i % 28:02d},{'' if i % 4 else 3}\n"
        for i in range(200)
    )
    (change,) = diff(before, now).data_changes
    shifts = {shift.column: shift for shift in change.shifts}
    assert next(iter(shifts)) == "day"
    assert set(shifts) == {"day", "grown", "kind", "gaps"}
    assert shifts["day"].effect == 1
    assert shifts["day"].measures["median"] == ("2024-01-14", "2024-03-14")
    assert shifts["grown"].measures["mean"] == (24.5, 44.5)
    assert 0.38 <= shifts["grown"].effect <= 0.42
    assert shifts["kind"].measures["new categories"] == (None, 1)
    assert shifts["kind"].effect == pytest.approx(1 / 3, abs=0.01)
    assert shifts["gaps"].missing == (0, 0.75)


def test_a_file_that_did_not_change_costs_no_look_at_it(diff, monkeypatch):
    monkeypatch.setattr("mlci.data.diff.compare", None)
    gate = diff(TAGS, TAGS, "key: id\n    diff: {max-removed: 0}")
    assert gate.data_changes == ()
    (check,) = gate.checks
    assert (check.id, check.status) == ("data.tags.diff.max-removed", "passed")


def test_uncommitted_changes_count_and_a_renamed_file_is_followed(project):
    rows = "".join(f"{i},some text {i},{i}\n" for i in range(50))
    project.commit(mlci__yaml=CONFIG.format(settings="key: id"), old__csv="id,tag,age\n" + rows)
    project.branch()
    project.git("mv", "old.csv", "tags.csv")
    project.commit()
    project.write(tags__csv="id,tag,age\n" + rows + "99,x,1\n")
    (change,) = project.gate().data_changes
    assert (change.added, change.removed, change.changed) == (1, 0, 0)
    assert change.note == "`old.csv` at the base"


def test_a_new_file_is_said_and_no_limit_holds_it(project):
    project.commit(mlci__yaml=CONFIG.format(settings="diff: {max-removed: 0}"))
    project.branch()
    project.commit(tags__csv=TAGS)
    gate = project.gate()
    (change,) = gate.data_changes
    assert (change.compared, change.note) == (False, "new: the base does not have it")
    assert [check.status for check in gate.checks] == ["skipped"]


def test_a_file_that_git_ignores_is_passed_over(project):
    project.commit(mlci__yaml=CONFIG.format(settings="key: id"), __gitignore="tags.csv\n")
    project.branch()
    project.commit()
    project.write(tags__csv=TAGS)
    assert project.gate().data_changes == ()


def test_limits_fail_pass_and_warn(diff):
    settings = "key: id\n    diff: {max-removed: 25%, max-added: 1, max-changed: 0, same-columns: true}"
    gate = diff(TAGS, "id,tag,age\n2,cv,41\n3,cv,50\n4,nlp,60\n7,x,1\n8,x,1\n", settings)
    found = {check.id.removeprefix("data.tags.diff."): check for check in gate.checks}
    assert {name: check.status for name, check in found.items()} == {
        "max-added": "failed",
        "max-removed": "passed",
        "max-changed": "failed",
        "same-columns": "passed",
    }
    assert found["max-added"].reason == "2 rows of `tags.csv` are new (50% of 4), at most 1 allowed"
    assert found["max-removed"].summary == "1 row of `tags.csv` is gone (25% of 4)"
    assert (found["max-added"].where.path, found["max-added"].where.line) == ("mlci.yaml", 6)


def test_a_limit_as_a_warning_does_not_block(diff):
    gate = diff(TAGS, "id,tag\n1,nlp\n", "key: id\n    diff: {max-removed: 0, same-columns: true, severity: warning}")
    assert [check.status for check in gate.checks] == ["warned", "warned"]
    assert gate.checks[1].reason == "column `age` is gone"


def test_a_change_cannot_escape_the_limit_on_changed_rows_by_breaking_the_key(diff):
    gate = diff(TAGS, TAGS + "4,cv,1\n", "key: id\n    diff: {max-changed: 5}")
    (check,) = gate.checks
    assert (check.status, check.reason) == ("failed", "the key `id` is not unique: 2 rows share theirs now")


def test_too_large_is_said_and_an_error_only_under_a_limit(diff, project):
    gate = diff(TAGS, TAGS + "9,x,1\n", "diff: {max-size-mb: 0.00001, max-added: 5}")
    (change,) = gate.data_changes
    assert (change.compared, change.note.partition(" that")[0]) == (False, "larger than the 1e-05 MB")
    assert [check.status for check in gate.checks] == ["errored"]


def test_the_diff_can_be_switched_off(diff):
    assert diff(TAGS, TAGS + "9,x,1\n", "diff: false").data_changes == ()


def test_without_a_base_a_limit_is_skipped_and_in_a_shallow_clone_it_is_an_error(project, tmp_path):
    project.commit(mlci__yaml=CONFIG.format(settings="diff: {max-removed: 0}"), tags__csv=TAGS)
    gate = project.gate()
    assert ([check.status for check in gate.checks], gate.data_changes) == (["skipped"], ())
    project.commit(tags__csv=TAGS + "9,x,1\n")
    shallow = tmp_path / "shallow"
    project.git("clone", "-q", "--depth", "1", f"file://{project.root}", str(shallow))
    project.root = shallow
    gate = project.gate()
    assert [check.status for check in gate.checks] == ["errored"]
    assert "shallow" in gate.reason
    assert ["shallow" in change.note for change in gate.data_changes] == [True]


def test_a_base_that_cannot_be_read_is_said(diff):
    gate = diff("id,tag,age\n1,2\n", TAGS)
    (change,) = gate.data_changes
    assert not change.compared
    assert change.note.startswith("tags.csv at the base:2:")


def test_examples_of_changed_rows_need_show_values(diff):
    gate = diff(TAGS, TAGS.replace("2,cv,40", "2,nlp,40"), top="show-values: true\n")
    (change,) = gate.data_changes
    assert change.examples == ({"key": {"id": "2"}, "columns": {"tag": ["cv", "nlp"]}},)
    assert change.shifts[0].values == {"cv": (0.5, 0.25), "nlp": (0.5, 0.75)}


def test_max_changed_needs_a_key_and_limits_are_numbers_or_shares(project):
    from mlci.errors import ConfigError

    project.commit(mlci__yaml=CONFIG.format(settings="diff: {max-changed: 5, max-removed: few, max-adde: 1}"))
    with pytest.raises(ConfigError) as raised:
        project.gate()
    assert "max-added" in str(raised.value)
    project.commit(mlci__yaml=CONFIG.format(settings="diff: {max-changed: 5, max-removed: few}"))
    with pytest.raises(ConfigError) as raised:
        project.gate()
    assert "needs `key` of the asset" in str(raised.value)
    assert 'must be a number of rows or a share such as "5%", not "few"' in str(raised.value)


def test_a_project_in_a_folder_with_names_that_git_would_quote(project):
    top = project.root
    path = "data dir/tägs 1;.csv"
    project.commit(
        **{"sub/mlci.yaml": CONFIG.format(settings="key: id").replace("tags.csv", f'"{path}"'), f"sub/{path}": TAGS}
    )
    project.branch()
    project.commit(**{f"sub/{path}": TAGS.replace("2,cv", "2,nlp")})
    project.root = top / "sub"
    (change,) = project.gate().data_changes
    assert (change.added, change.removed, change.changed) == (0, 0, 1)


def test_the_first_parent_of_the_merge_of_a_pull_request_is_compared_with(project):
    project.commit(mlci__yaml=CONFIG.format(settings="key: id"), tags__csv=TAGS)
    project.branch()
    project.commit(tags__csv=TAGS + "5,cv,1\n")
    project.git("switch", "-q", "main")
    project.commit(other__txt="moved on")
    project.git("switch", "-q", "--detach")
    project.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    head = project.git("rev-parse", "HEAD").strip()
    environ = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_SHA": head}
    (change,) = project.gate(environ=environ).data_changes
    assert (change.added, change.base) == (1, project.git("rev-parse", "main").strip())


def test_a_comparison_that_git_cannot_make_is_no_pass(project):
    project.commit(mlci__yaml=CONFIG.format(settings="diff: {max-removed: 0}"), tags__csv=TAGS)
    project.branch()
    project.commit(**{".gitattributes": "*.csv filter=broken\n"})
    project.git("config", "filter.broken.clean", "false")
    project.git("config", "filter.broken.required", "true")
    project.write(tags__csv="id,tag,age\n9,x,100\n")
    gate = project.gate()
    assert [check.status for check in gate.checks] == ["errored"]
    assert gate.data_changes[0].note.startswith("git cannot compare the work tree with ")


@pytest.mark.slow
def test_in_a_hook_only_what_is_limited_is_compared(project):
    plain = "version: 1\ndata:\n  d: {path: d.csv, key: id, expect: [expect_column_to_exist: {column: id}]}\n"
    project.commit(mlci__yaml=plain, d__csv="id\n1\n2\n")
    project.branch()
    project.write(d__csv="id\n1\n")
    assert project.gate().data_changes != ()
    assert project.gate(in_hook=True).data_changes == ()

    project.write(mlci__yaml=plain.replace("key: id", "key: id, diff: {max-removed: 0}"))
    found = project.gate(in_hook=True)
    assert found.data_changes != ()
    assert found.status == "failed"
