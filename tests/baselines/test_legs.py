"""Legs of a matrix have baselines of their own: they write at once and lose nothing, and each finds its own again."""

import os
import subprocess
import sys

import pytest

from mlci.baselines import bundle, file
from mlci.baselines.archive import RefusedError
from mlci.baselines.ladder import Search, climb
from mlci.baselines.stores import opened
from mlci.baselines.stores.shelf import artifact_of, folder_of

pytestmark = pytest.mark.slow
PERSON = {f"GIT_{role}_{part}": "a@b" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
CONFIG = """version: 1
project: p
metrics: {{m.json: {{f1: {{direction: higher}}}}}}
baseline: {{{baseline}}}
"""


def started(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "mlci", "baseline", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **PERSON},
    )  # fmt: skip


def ended(process):
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


@pytest.mark.parametrize("kind", ["folder", "branch", "bucket", "file"])
def test_legs_of_one_commit_that_save_at_once_lose_nothing(kind, tmp_path, git_in, bucket):
    where = {
        "folder": "store: folder, folder: ../../kept",
        "branch": "store: branch",
        "bucket": f"store: bucket, bucket: {{url: '{bucket.url}', options: {{endpoint_url: '{bucket.options['endpoint_url']}'}}}}",
        "file": "store: file",
    }
    remote = tmp_path / "remote"
    remote.mkdir()
    git_in(remote, "init", "-qb", "main")
    git_in(remote, "config", "receive.denyCurrentBranch", "ignore")
    (remote / "mlci.yaml").write_text(CONFIG.format(baseline=where[kind]))
    (remote / ".gitignore").write_text("m.json\nmlci-report\nmlci-baseline.json\n")
    git_in(remote, "add", "-A")
    git_in(remote, "commit", "-qm", "c")
    clones = {}
    (tmp_path / "legs").mkdir()
    for at, leg in enumerate(["py3.11", "py3.12", "windows / é"]):
        clones[leg] = tmp_path / "legs" / str(at)
        git_in(tmp_path, "clone", "-q", str(remote), str(clones[leg]))
        (clones[leg] / "m.json").write_text(f'{{"f1": 0.8{at + 1}}}')
    saving = [started(folder, "save", "--leg", leg) for leg, folder in clones.items()]
    for process in saving:
        ended(process)
    if kind == "file":
        return
    for at, (leg, folder) in enumerate(clones.items()):
        said = ended(started(folder, "show", "--leg", leg, "--base", "HEAD"))
        assert f"0.8{at + 1}" in said
    assert "it has none of" in ended(started(folder, "show", "--base", "HEAD"))


def test_processes_that_write_one_baseline_file_at_once_leave_a_whole_one(tmp_path):
    writer = """
import sys
from pathlib import Path
from mlci.baselines import file
from mlci.baselines.model import Stored
from mlci.results.model import Metric
for at in range(60):
    metrics = tuple(Metric(name=f"{sys.argv[2]}.{one}", value=float(at)) for one in range(50))
    file.write(Path(sys.argv[1]), Stored(schema=1, mlci="0", created="", metrics=metrics))
"""
    path = tmp_path / "mlci-baseline.json"
    both = [subprocess.Popen([sys.executable, "-c", writer, str(path), name]) for name in ("a", "b")]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert len({one.name[0] for one in file.loads(path.read_bytes(), "x").metrics}) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["mlci-baseline.json"]


@pytest.mark.parametrize("kind", ["folder", "branch"])
def test_what_was_saved_before_there_were_legs_is_read_by_each(kind, project, make_bundle, tmp_path):
    def setup(**more):
        return project.setup(store=kind, folder=str(tmp_path / "kept"), **more)

    opened(kind, setup()).save(make_bundle(project.commits[1], value=0.5), project.commits[1])
    found = climb(Search(setup=setup(leg="a"), recompute=None))
    assert found.stored.metrics[0].value == 0.5
    assert "saved without a leg" in found.receipt.source
    mine = make_bundle(project.commits[2], value=0.7, leg="a")
    opened(kind, setup(leg="a")).save(mine, project.commits[2])
    assert climb(Search(setup=setup(leg="a"), recompute=None)).stored.metrics[0].value == 0.7
    assert climb(Search(setup=setup(leg="b"), recompute=None)).stored.metrics[0].value == 0.5
    assert climb(Search(setup=setup(), recompute=None)).stored.metrics[0].value == 0.5


def test_a_bundle_of_another_leg_is_refused(make_bundle):
    raw = make_bundle("a" * 40, leg="one")
    with pytest.raises(RefusedError, match='of the leg "one", not of the leg "two"'):
        bundle.loads(raw, bundle.Expected(project="p", leg="two"))
    with pytest.raises(RefusedError, match="not of a run that is no leg"):
        bundle.loads(raw, bundle.Expected(project="p"))


def test_names_of_legs_and_projects_are_unique_and_begin_with_no_dot(project):
    legs = [None, "py3.11", "py3-11", "py3 11", "../x", ".hidden", "a/b", "a b", "é", "-"]
    setups = [project.setup(leg=leg) for leg in legs]
    setups += [project.setup(leg=leg, root=project.folder / "sub") for leg in legs]
    artifacts = [artifact_of("mlci-baseline", one) for one in setups]
    assert len(set(artifacts)) == len(artifacts)
    assert not any(set('":<>|*?/\\\r\n') & set(name) or name.startswith(".") for name in artifacts)
    assert artifacts[:2] == ["mlci-baseline", "mlci-baseline-py3.11"]
    folders = [folder_of(one) for one in setups[:10]]
    assert len(set(folders)) == len(folders)
    assert not any(part.startswith(".") for name in folders for part in name.split("/"))
