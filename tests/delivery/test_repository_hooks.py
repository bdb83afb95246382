"""The hooks that need no mlci.yaml, and places that hooks are called in, under real pre-commit."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
NAMES = {
    "mlci-notebooks": "refuse notebooks with outputs or errors",
    "mlci-notebook-secrets": "refuse secrets in the outputs of notebooks",
    "mlci-pickles": "refuse models that run code when loaded",
    "mlci-large-files": "refuse large data and models outside of LFS and DVC",
    "mlci-dvc-files": "refuse DVC files that are out of step with their data",
    "mlci-sealed-metrics": "refuse metrics that were edited by hand",
}
BAD_ROWS = "id,species\n1,setosa\n1,\n"


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("echo",)


def use(project: Any, release: Path, *hooks: str) -> None:
    rev = subprocess.run(["git", "rev-parse", "HEAD"], cwd=release, capture_output=True, text=True, check=True)
    listed = ", ".join(f"{{id: {hook}}}" for hook in hooks)
    project.write(
        ".pre-commit-config.yaml",
        f"repos: [{{repo: {release}, rev: {rev.stdout.strip()}, hooks: [{listed}]}}]\n",
    )


def ends(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    lines = [line.split("...", 1) for line in (done.stdout + done.stderr).splitlines() if "..." in line]
    return {name: rest.strip(".") for name, rest in lines if not name.startswith("[INFO]")}


def tool(project: Any, *words: str) -> None:
    subprocess.run([sys.executable, "-m", *words], cwd=project.path, check=True, capture_output=True)


def notebook(path: Path, *texts: str) -> None:
    outputs = [nbformat.v4.new_output("stream", text=text) for text in texts]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("f()", outputs=outputs)]), path)


@pytest.fixture
def healthy(project: Any, release: Path) -> Any:
    """A repository with a notebook, a model, data kept by DVC, and sealed numbers, all as they should be."""
    use(project, release, *NAMES)
    tool(project, "dvc", "init", "-q")
    project.write("raw/prices.csv", "a\n1\n")
    tool(project, "dvc", "add", "raw/prices.csv")
    notebook(project.path / "look at it.ipynb")
    (project.path / "model.pkl").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
    tool(project, "mlci", "seal", "performance.json")
    project.commit("Be healthy")
    return project


def test_a_healthy_repository_passes_every_hook(healthy: Any, commit: Run) -> None:
    done = commit("pre-commit", "run", "--all-files")
    assert ends(done) == dict.fromkeys(NAMES.values(), "Passed"), done.stdout + done.stderr


def test_each_hook_finds_what_is_planted_for_it(healthy: Any, commit: Run) -> None:
    assert commit("pre-commit", "install").returncode == 0
    notebook(healthy.path / "look at it.ipynb", "AKIA" + "QWERTYUIOPASDFGH\n")
    (healthy.path / "model.pkl").write_bytes(pickle.dumps(Evil()))
    healthy.write("big.csv", "a\n" * 3_000_000)
    healthy.write("performance.json", '{"overall": {"f1": 0.99}}')
    data = healthy.path / "raw/prices.csv"
    data.unlink()
    data.write_text("a\n2\n")
    os.utime(data, (2e9, 2e9))
    healthy.git("add", "--all")
    done = commit("git", "commit", "-m", "Plant")
    assert done.returncode == 1
    assert ends(done) == dict.fromkeys(NAMES.values(), "Failed"), done.stdout + done.stderr


@pytest.fixture
def data_hook(project: Any, release: Path) -> Any:
    """The project with the data hook, committed."""
    use(project, release, "mlci-data")
    project.commit("Use the hook")
    return project


def test_in_a_work_tree_of_its_own(data_hook: Any, commit: Run, tmp_path: Path) -> None:
    assert commit("pre-commit", "install").returncode == 0
    beside = tmp_path / "ein anderer Baum"
    data_hook.git("worktree", "add", "-q", "-b", "beside", str(beside))
    (beside / "data" / "flowers.csv").write_text(BAD_ROWS)
    bad = commit("git", "-C", str(beside), "commit", "-am", "Worse")
    assert bad.returncode == 1
    assert ends(bad) == {"check data against its expectations": "Failed"}
    (beside / "data" / "flowers.csv").write_text("id,species\n1,setosa\n")
    assert commit("git", "-C", str(beside), "commit", "-am", "Better").returncode == 0


def test_in_a_submodule(data_hook: Any, commit: Run, tmp_path: Path) -> None:
    outer = tmp_path / "outer one"
    subprocess.run(["git", "init", "-q", "-b", "main", outer], check=True)
    allowed = ("-c", "protocol.file.allow=always")
    subprocess.run(["git", *allowed, "submodule", "--quiet", "add", data_hook.path, "inner"], cwd=outer, check=True)
    inner = str(outer / "inner")
    for setting in (("user.name", "A"), ("user.email", "a@example.com")):
        commit("git", "-C", inner, "config", *setting)
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"], cwd=inner, capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stderr
    Path(inner, "data", "flowers.csv").write_text(BAD_ROWS)
    bad = commit("git", "-C", inner, "commit", "-am", "Worse")
    assert bad.returncode == 1
    assert ends(bad) == {"check data against its expectations": "Failed"}


def test_of_a_file_that_is_staged_in_part_the_staged_part_counts(data_hook: Any, commit: Run) -> None:
    assert commit("pre-commit", "install").returncode == 0
    data_hook.write("data/flowers.csv", "id,species\n1,setosa\n2,virginica\n3,setosa\n")
    data_hook.git("add", "data/flowers.csv")
    data_hook.write("data/flowers.csv", BAD_ROWS)
    good = commit("git", "commit", "-m", "The good part")
    assert good.returncode == 0, good.stdout + good.stderr
    assert (data_hook.path / "data" / "flowers.csv").read_text() == BAD_ROWS


def test_paths_with_spaces_and_quotes(data_hook: Any, commit: Run) -> None:
    config = (data_hook.path / "mlci.yaml").read_text()
    data_hook.write("mlci.yaml", config.replace("data/flowers.csv", "meine Daten/o'clock & mehr.csv"))
    data_hook.write("meine Daten/o'clock & mehr.csv", BAD_ROWS)
    data_hook.git("add", "--all")
    bad = commit("pre-commit", "run")
    assert ends(bad) == {"check data against its expectations": "Failed"}
    data_hook.write("meine Daten/o'clock & mehr.csv", "id,species\n1,setosa\n")
    data_hook.git("add", "--all")
    good = commit("pre-commit", "run", "--all-files")
    assert ends(good) == {"check data against its expectations": "Passed"}, good.stdout
