"""`mlci init --workflow`: what it writes, what it says, and what it refuses."""

import subprocess
import sys

import pytest
import yaml

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "-q", "-b", "trunk"], cwd=tmp_path, check=True)
    return tmp_path


def init(folder, *arguments):
    command = [sys.executable, "-m", "mlci", "init", *arguments]
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def written(folder, name="mlci-gates.yml"):
    return yaml.load((folder / ".github" / "workflows" / name).read_text(), Loader=yaml.BaseLoader)


def test_it_says_where_it_wrote_and_which_check_to_require(repository):
    (repository / "mlci.yaml").touch()
    (repository / "deep").mkdir()
    done = init(repository / "deep", "--workflow", "pull-request")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [
        ".github/workflows/mlci-gates.yml written.",
        "- Require the check `mlci` in the protection of trunk (Settings > Rules), and no other of this workflow.",
    ]
    assert written(repository)["on"]["push"]["branches"] == ["trunk"]


def test_it_does_not_write_over_a_file_unless_told_to(repository):
    first = init(repository, "--workflow", "forks")
    assert first.returncode == 0
    assert "Write mlci.yaml: there is none yet" in first.stdout
    comment = repository / ".github" / "workflows" / "mlci-comment.yml"
    (repository / ".github" / "workflows" / "mlci-gates.yml").unlink()
    comment.write_text("mine")
    done = init(repository, "--workflow", "forks")
    assert done.returncode == 2
    assert done.stderr == "mlci: .github/workflows/mlci-comment.yml: there already. `--force` writes over it.\n"
    assert comment.read_text() == "mine"
    assert not (repository / ".github" / "workflows" / "mlci-gates.yml").exists(), "all or nothing"
    assert init(repository, "--workflow", "forks", "--force").returncode == 0
    assert comment.read_text() != "mine"


def test_the_default_branch_is_that_of_the_remote(repository):
    commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]
    for words in (commit, ["update-ref", "refs/remotes/origin/develop", "HEAD"], ["branch", "main"],
                  ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=repository, check=True)
    assert init(repository, "--workflow", "matrix").returncode == 0
    assert written(repository)["on"]["push"]["branches"] == ["develop"]


def test_a_monorepo_is_filled_with_the_folders_that_have_a_configuration(repository):
    assert init(repository, "--workflow", "monorepo").returncode == 2
    for name in ("apps/b", "apps/a", "old"):
        (repository / name).mkdir(parents=True)
        (repository / name / "mlci.yaml").touch()
    (repository / ".gitignore").write_text("old/\n")
    (repository / "mlci.yaml").touch()
    subprocess.run(["git", "add", "mlci.yaml"], cwd=repository, check=True)
    (repository / "mlci.yaml").unlink()  # git still lists it
    (repository / "apps" / "a" / "pyproject.toml").touch()
    assert init(repository, "--workflow", "monorepo").returncode == 0
    gates = written(repository)["jobs"]["gates"]
    assert gates["strategy"]["matrix"]["project"] == ["apps/a", "apps/b"]
    assert gates["steps"][2]["run"] == "python -m pip install --editable ."
    one = init(repository, "--workflow", "pull-request", "--force")
    assert "This is for apps/a alone; `--workflow monorepo` gates all 2 folders with mlci.yaml." in one.stdout
    assert written(repository)["jobs"]["gates"]["steps"][3]["with"]["working-directory"] == "apps/a"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "the following arguments are required: --workflow"),
        (("--workflow", "gitlb"), 'did you mean "gitlab"?'),
        (("--workflow", "gitlab", "--action", "v0"), '"v0" is not OWNER/NAME@REF'),
    ],
)
def test_wrong_usage_ends_with_2(repository, arguments, says):
    done = init(repository, *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_outside_of_git_it_says_so(tmp_path):
    done = init(tmp_path, "--workflow", "matrix")
    assert (done.returncode, done.stderr) == (
        2,
        "mlci: a workflow belongs to a git repository, and this is none. Run `git init` first.\n",
    )


def test_a_place_that_cannot_be_written_is_said_in_one_line(repository):
    (repository / ".github").write_text("a file")
    done = init(repository, "--workflow", "matrix")
    assert done.returncode == 3
    assert done.stderr.startswith("mlci: cannot be written: ")
    assert done.stderr.count("\n") == 1


def test_help_lists_the_kinds(repository):
    says = init(repository, "--help").stdout
    for kind in ("pull-request", "forks", "matrix", "monorepo", "merge-queue", "nightly", "release-anchor", "gitlab"):
        assert f"\n  {kind}" in says
