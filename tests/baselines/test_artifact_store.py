"""Artifacts of GitHub Actions as baselines: only those of the repository's own branch are taken, and no token leaves."""

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from mlci.baselines.stores import opened

sys.path.insert(0, str(Path(__file__).parents[1] / "github"))
import fake as fake_github

sys.path.pop(0)

pytestmark = pytest.mark.slow
CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora"


def zipped(raw, name="baseline.zip"):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(name, raw)
    return written.getvalue()


@pytest.fixture
def github():
    import os

    description = Path(os.environ.get("MLCI_CORPORA") or CORPUS) / "github" / "openapi-slice.json"
    contract = fake_github.Contract(json.loads(description.read_text())) if description.is_file() else None
    state = fake_github.FakeGitHub()
    with fake_github.serve(state, contract=contract) as url:
        state.url = url
        yield state
    assert state.violations == []


@pytest.fixture
def look(github, project):
    def looked(*, at=0, environ=(), leg=None, root=None, **settings):
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": github.repository,
            "GITHUB_REPOSITORY_ID": "42",
            "GITHUB_API_URL": github.url,
            "GITHUB_BASE_REF": "main",
            "MLCI_BASELINE_TOKEN": "t0ken",
            **dict(environ),
        }
        return list(
            opened(
                "artifact", project.setup(at=at, environ=environ, leg=leg, root=root, store="artifact", **settings)
            ).look()
        )

    return looked


def test_the_artifact_of_the_base_is_taken_before_that_of_a_commit_before_it(github, look, project, make_bundle):
    for at in (1, 2):
        github.upload(zipped(make_bundle(project.commits[at], value=0.1 * at)), sha=project.commits[at])
    ((rung, found),) = look(at=1)[:1]
    assert (rung.found, found.stored.metrics[0].value) == (True, 0.1)
    rung, found = look()[0]
    assert found.stored.commit == project.commits[1]
    assert rung.note == f"1 commit behind {project.commits[0][:10]}"
    assert found.predicted["m"].columns["prediction"] == ["a"] * 4


def test_the_token_does_not_go_to_the_storage(github, look, project, make_bundle):
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0])
    assert look()[0][0].found
    storage = [one for one in github.requests if one["target"].startswith("storage:")]
    assert [one["authorization"] for one in storage] == [""]
    assert all("t0ken" in one["authorization"] for one in github.requests if one not in storage)


def test_the_last_of_several_artifacts_of_a_commit_counts(github, look, project, make_bundle):
    for value in (0.1, 0.2, 0.3):
        github.upload(zipped(make_bundle(project.commits[0], value=value)), sha=project.commits[0])
    assert look()[0][1].stored.metrics[0].value == 0.3


@pytest.mark.parametrize(
    "artifact",
    [
        {"workflow_run": {"head_repository_id": 666}},
        {"workflow_run": {"repository_id": 666, "head_repository_id": 666}},
        {"workflow_run": {"head_branch": "feature"}},
        {"expired": True},
        {"name": "mlci-baseline-2"},
    ],
    ids=["fork", "elsewhere", "branch", "expired", "name"],
)
def test_what_is_not_of_the_own_branch_is_not_even_looked_at(github, look, project, make_bundle, artifact):
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0], **artifact)
    ((rung, found),) = look()
    assert found is None
    assert not rung.broken
    assert "it has none of" in rung.note
    assert not any("/zip" in one["target"] for one in github.requests)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({"event": "pull_request"}, "no push of this commit"),
        ({"head_sha": "f" * 40}, "no push of this commit"),
        ({"conclusion": "failure"}, "has not succeeded"),
        ({"conclusion": None, "status": "in_progress"}, "has not succeeded"),
        ({"path": ".github/workflows/other.yml"}, "uploaded by .github/workflows/other.yml, not by ci.yml"),
    ],
)
def test_an_artifact_of_another_run_is_passed_over(github, look, project, make_bundle, run, why):
    github.upload(zipped(make_bundle(project.commits[1])), sha=project.commits[1])
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0], run=run)
    (first, nothing), (second, found) = look(artifact=artifact_of(workflow="ci.yml"))
    assert nothing is None
    assert why in first.note
    assert not first.broken
    assert second.found
    assert found.stored.commit == project.commits[1]


def artifact_of(**settings):
    from mlci.config.baselines import Artifact

    return Artifact(**settings)


@pytest.mark.parametrize(
    ("raw", "artifact", "why"),
    [
        (lambda raw: zipped(raw)[:300], {}, "no zip file"),
        (zipped, {"digest": "sha256:" + "0" * 64}, "its digest is another"),
        (lambda raw: zipped(raw[:100]), {}, "no zip file"),
        (lambda raw: zipped(raw, name="../baseline.zip"), {}, "a name that no part has"),
        (lambda raw: b"hello", {}, "no zip file"),
        (lambda raw: zipped(b"x", name="other.txt"), {}, "no manifest.json"),
        (zipped, {"size_in_bytes": 10**12}, "larger than"),
    ],
)
def test_a_broken_artifact_is_refused_and_the_next_is_tried(github, look, project, make_bundle, raw, artifact, why):
    github.upload(zipped(make_bundle(project.commits[2])), sha=project.commits[2])
    github.upload(raw(make_bundle(project.commits[0])), sha=project.commits[0], **artifact)
    (first, _), (second, found) = look()
    assert first.broken
    assert first.note.startswith("refused: ")
    assert why in first.note
    assert second.found
    assert found.stored.commit == project.commits[2]


def test_a_bundle_that_was_uploaded_as_it_is_is_taken(github, look, project, make_bundle):
    github.upload(make_bundle(project.commits[0]), sha=project.commits[0])
    assert look()[0][0].found


def test_one_that_expires_between_list_and_download_is_not_there(github, look, project, make_bundle):
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0])
    github.faults.append(fake_github.Fault(match="/zip", status=410, message="Artifact has expired"))
    ((rung, found),) = look()
    assert (found, rung.broken) == (None, False)
    assert "has expired" in rung.note


def test_one_whose_run_was_removed_is_not_there(github, look, project, make_bundle):
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0])
    github.runs.clear()
    ((rung, found),) = look()
    assert (found, rung.broken) == (None, False)
    assert "was removed" in rung.note


def test_a_zip_bomb_and_a_link_are_refused(github, look, project, make_bundle, monkeypatch):
    import stat

    from mlci.baselines import archive

    monkeypatch.setattr(archive, "MOST_BYTES", 300_000)
    entry = zipfile.ZipInfo("baseline.zip")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as written:
        written.writestr(entry, "/etc/passwd")
    for at, raw in enumerate((link.getvalue(), zipped(b" " * 400_000))):
        github.upload(raw, sha=project.commits[at])
    (bomb, _), (linked, _) = look()[1], look()[0]
    assert bomb.broken
    assert linked.broken


def test_all_waits_of_one_search_are_bounded_together(github, look, project, make_bundle, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    for commit in project.commits[:3]:
        github.upload(zipped(make_bundle(commit)), sha=commit)
    limited = {"status": 403, "message": "You have exceeded a secondary rate limit"}
    github.faults.append(fake_github.Fault(match="/runs/", times=99, **limited))
    assert not any(rung.found for rung, _ in look())
    assert sum(wait for wait in waits if wait >= 1) <= 120


def test_without_a_token_or_a_repository_nothing_is_asked(github, look):
    for environ, why in (
        ({"MLCI_BASELINE_TOKEN": ""}, "no token"),
        ({"GITHUB_REPOSITORY": ""}, "no repository of GitHub"),
    ):
        ((rung, found),) = look(environ=environ)
        assert (found, rung.broken) == (None, False)
        assert why in rung.note
    assert github.requests == []


def test_an_api_that_does_not_answer_is_no_missing_baseline(github, look):
    github.faults.append(fake_github.Fault(match="artifacts", status=401, message="Bad credentials", times=9))
    ((rung, _),) = look()
    assert rung.broken
    assert "Bad credentials" in rung.note
    assert "t0ken" not in rung.note


def test_all_pages_are_read(github, look, project, make_bundle):
    github.upload(zipped(make_bundle(project.commits[0])), sha=project.commits[0])
    for at in range(230):
        github.upload(b"", sha=f"{at:040x}")
    assert look()[0][0].found


def test_each_leg_and_project_has_an_artifact_of_its_own_and_reads_older_ones(github, look, project, make_bundle):
    commit = project.commits[0]
    old = github.upload(zipped(make_bundle(commit, value=0.1)), sha=commit)
    for value, leg in ((0.2, "a"), (0.3, "b")):
        github.upload(zipped(make_bundle(commit, value=value, leg=leg)), sha=commit, name=f"mlci-baseline-{leg}")
    taken = {leg: next(found for _, found in look(leg=leg) if found) for leg in ("a", "b", "c", None)}
    assert {leg: one.stored.metrics[0].value for leg, one in taken.items()} == {"a": 0.2, "b": 0.3, "c": 0.1, None: 0.1}
    below = project.folder / "sub"
    rung, found = look(root=below)[-1]
    assert found.stored.metrics[0].value == 0.1  # as it was named before projects were told apart
    github.upload(zipped(make_bundle(commit, value=0.4)), sha=commit, name="mlci-baseline-p")
    rung, found = look(root=below)[0]
    assert (rung.source, found.stored.metrics[0].value) == (f"artifact mlci-baseline-p, commit {commit[:10]}", 0.4)
    assert old


def test_a_baseline_that_could_not_be_fetched_before_is_an_error_and_not_a_missing_one(look):
    environ = {"MLCI_BASELINE_TOKEN": "", "GITHUB_TOKEN": "", "GH_TOKEN": ""}
    assert not look(environ=environ)[0][0].broken
    rung, _ = look(environ={**environ, "MLCI_BASELINE_FAILED": "true"})[0]
    assert rung.broken
    assert "could not be fetched before this run" in rung.note
