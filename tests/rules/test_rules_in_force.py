"""Which rules a run is judged by: the base's for a change under review, and the work tree's own else."""

import json

import pytest

pytestmark = pytest.mark.slow


def _lower_min(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    project.write("m.json", '{"f1": 0.45}')


def test_the_stricter_rule_is_in_force_until_the_looser_one_is_let_pass(project):
    _lower_min(project)
    project.replace("mlci.yaml", "max-drop: 0.02", "max-drop: 0.9")
    assert project.pull_request().returncode == 1
    checks = {check["id"]: check for gate in project.results()["gates"] for check in gate["checks"]}
    assert "below the minimum of 0.5" in checks["metrics.m.json.f1"]["reason"]
    assert project.pull_request(labels=["mlci-rules"]).returncode == 0


def test_a_deleted_expectation_is_asked_all_the_same(project):
    project.replace("mlci.yaml", "      - expect_column_values_to_be_unique: {column: id}\n", "")
    project.write("data/tags.csv", "id,tag\n1,a\n1,b\n")
    assert project.pull_request(gates=("data",)).returncode == 1
    ids = [
        check["id"] for gate in project.results()["gates"] for check in gate["checks"] if check["status"] == "failed"
    ]
    assert "data.tags.expect_column_values_to_be_unique.id" in ids


def test_a_new_waiver_waives_nothing_until_it_is_let_pass(project):
    project.write("m.json", '{"f1": 0.7}')
    waiver = "{metric: metrics.m.json.f1, max-loss: 0.5, reason: r, owner: o, until: '2999-01-01'}"
    project.write("waivers.yaml", f"- {waiver}\n")
    assert project.pull_request().returncode == 1
    assert [change["status"] for change in project.results()["comparison"]["changes"]] == ["failed"]
    assert project.pull_request(labels=["mlci-rules"]).returncode == 0


def test_without_a_base_and_in_hooks_the_work_tree_rules(project):
    _lower_min(project)
    project.commit()
    assert project.mlci("run", "metrics").returncode in (0, 1)
    assert project.results()["rule_changes"] == []
    assert project.mlci("metrics", "m.json", "--base", "main").returncode == 1  # its drop; the rule is the work tree's
    assert project.results()["rule_changes"] == []
    assert project.mlci("run", "metrics", "--base", "main", PRE_COMMIT="1").returncode == 1
    assert project.results()["rule_changes"] == []


def test_a_push_was_reviewed_before(project):
    _lower_min(project)
    project.commit()
    project.mlci("run", "metrics", "--base", "main", GITHUB_EVENT_NAME="push", GITHUB_REF="refs/heads/feature")
    assert project.results()["rule_changes"] == []


def test_a_merge_queue_lists_what_the_pull_request_decided_on(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    project.commit()
    event = project.folder.parent / "queue.json"
    base = project.git("rev-parse", "main")
    event.write_text(json.dumps({"merge_group": {"base_sha": base, "head_sha": project.git("rev-parse", "HEAD")}}))
    done = project.mlci("run", "metrics", GITHUB_EVENT_NAME="merge_group", GITHUB_EVENT_PATH=str(event))
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.changes("loosened") == ["metrics.m.json.f1.min"]


def test_gitlab_tells_its_labels(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    project.commit()
    gitlab = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": project.git("rev-parse", "main"),
    }
    assert project.mlci("run", "metrics", **gitlab).returncode == 1
    assert project.mlci("run", "metrics", CI_MERGE_REQUEST_LABELS="bug,mlci-rules", **gitlab).returncode == 0


def test_the_base_names_the_label(project):
    project.git("checkout", "-q", "main")
    project.replace("mlci.yaml", "waivers:", "rules-label: ml-owners\nwaivers:")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.replace("mlci.yaml", "rules-label: ml-owners", "rules-label: mlci-rules")
    assert project.pull_request(labels=["mlci-rules"]).returncode == 1
    assert project.changes("loosened") == ["rules-label"]
    assert project.pull_request(labels=["ml-owners"]).returncode == 0


def test_the_command_line_can_let_pass(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    project.commit()
    assert project.mlci("run", "metrics", "--base", "main").returncode == 1
    done = project.mlci("run", "metrics", "--base", "main", "--accept-rule-changes")
    assert done.returncode == 0
    assert "1 rule loosened, let pass" in done.stdout


def test_the_first_configuration_loosens_nothing(project):
    project.git("checkout", "-q", "--orphan", "other")
    project.git("rm", "-rq", "--cached", ".")
    project.git("add", "m.json")
    project.git("commit", "-qm", "before mlci")
    project.git("branch", "-f", "main")
    assert project.pull_request().returncode == 0
    assert project.results()["rule_changes"] == []


def test_a_base_that_cannot_be_read_is_said(project):
    project.git("checkout", "-q", "main")
    text = (project.folder / "mlci.yaml").read_text(encoding="utf-8")
    project.write("mlci.yaml", text + "nonsense: [\n")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.write("mlci.yaml", text)
    done = project.pull_request()
    assert done.returncode == 1
    assert "the rules of the base cannot be read" in done.stdout
    assert project.pull_request(labels=["mlci-rules"]).returncode == 0


def test_a_clone_without_the_base_is_an_error(project, tmp_path):
    project.commit()
    shallow = type(project)(tmp_path / "shallow")
    project.git("clone", "-q", "--depth", "1", f"file://{project.folder}", str(shallow.folder))
    done = shallow.mlci("run", "metrics", GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main")
    assert done.returncode == 3
    assert "the rules of the base are not known" in done.stdout


def test_a_merge_commit_is_compared_with_its_first_parent(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    project.commit()
    head = project.git("rev-parse", "HEAD")
    project.git("checkout", "-q", "main")
    project.replace("mlci.yaml", "accuracy: {min: 0.5, max-drop", "accuracy: {min: 0.4, max-drop")  # merged meanwhile
    project.commit("main moves on")
    project.git("checkout", "-q", "--detach")
    project.git("merge", "-q", "--no-ff", "-m", "merge", head)
    event = project.folder.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 1, "head": {"sha": head}}}))
    done = project.mlci(
        "run", "metrics", GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=str(event), GITHUB_BASE_REF="main"
    )
    assert done.returncode == 1
    assert project.changes("loosened") == ["metrics.m.json.f1.min"]


def test_a_pull_request_without_git_is_warned_of(project, tmp_path):
    import shutil

    project.commit()
    shutil.copytree(project.folder, tmp_path / "plain", ignore=shutil.ignore_patterns(".git"))
    plain = type(project)(tmp_path / "plain")
    done = plain.mlci("run", "metrics", GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the rules of the base are not known: not a git repository" in done.stdout
