"""Hooks with nothing to do: the short way and the long one agree, and the short one imports next to nothing."""

import subprocess
import sys

import pytest

from mlci.config.load import load
from mlci.feeding import may_feed
from mlci.idle import is_idle

CONFIG = """
version: 1
plugins: [checks.own, tools/more.py]
data:
  plain: {path: data/plain.csv, suite: suites/plain.json, allow-empty: true}
  parts: {path: 'parts/**/part-[0-9].csv', allow-empty: true}
  folder: {path: [folder, ../beside/x.csv, s3://bucket/u.csv], allow-empty: true}
  made: {path: out/made.csv, allow-empty: true}
  called: {loader: {function: 'loading.tags:load', files: [raw.txt]}, no-overlap-with: {asset: plain}}
  stored: {sql: {url: 'sqlite:///shop.db', table: t}, allow-empty: true}
metrics:
  scores.json: {a: {min: 1}}
"""
FED = (
    *("data/plain.csv", "data/plain.csv.dvc", "suites/plain.json", "parts/part-1.csv", "parts/a/b/part-2.csv.dvc"),
    *("parts/a/b/part-2.csv", "folder/deep/er.txt", "link.csv", "../beside/x.csv", "raw.txt", "loading/tags.py"),
    *("src/loading/tags.py", "shop.db", "checks/own.py", "src/checks/own/part.py", "tools/more.py", "out/made.csv"),
)
UNFED = (
    *("README.md", "data/plain.csv.bak", "data/other.csv", "parts/part-12.csv", "folders/x.txt", "bucket/u.csv"),
    *("checks/other.py", "loading/other.py", "made.csv", "scores.csv", "data", "src"),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("idle") / "project"
    for name in (*FED, *UNFED, "scores.json", "dvc.lock", "out/dvc.lock", "raw/dvc.lock"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "link.csv":
            path.symlink_to(root / "data" / "plain.csv")
        elif not path.exists():
            path.write_text("stages: {a: {outs: [{path: out/made.csv}]}}" if name == "dvc.lock" else "x")
    (root / "mlci.yaml").write_text(CONFIG)
    return root


@pytest.fixture
def project(written):
    load(None, start=written)  # compiles it
    return written


@pytest.mark.parametrize("file", [*FED, *UNFED, "scores.json", "dvc.lock", "out/dvc.lock", "raw/dvc.lock"])
@pytest.mark.parametrize("gate", ["data", "metrics"])
def test_the_short_way_says_what_the_long_one_does(project, gate, file):
    config = load(None, start=project).config
    fed = may_feed(gate, config, project, frozenset([(project / file).resolve()]))
    assert fed is (file in (*FED, "dvc.lock") if gate == "data" else file == "scores.json")
    assert is_idle([gate, file], project) is (not fed and not file.endswith("dvc.lock"))
    assert is_idle([gate, "README.md", file], project) is (not fed and not file.endswith("dvc.lock"))


def test_from_a_folder_below_names_are_relative_to_it(project):
    assert not is_idle(["data", "plain.csv"], project / "data")
    assert is_idle(["data", "other.csv"], project / "data")


@pytest.mark.parametrize(
    "words", [["data"], ["data", "-q", "README.md"], ["data", "gone.csv"], ["data", "mlci.yaml"], ["code", "README.md"]]
)
def test_all_else_takes_the_long_way(project, words):
    assert is_idle(["data", "README.md"], project)
    assert not is_idle(words, project)


def test_a_configuration_that_was_not_compiled_takes_the_long_way(project, tmp_path):
    (tmp_path / "README.md").write_text("x")
    assert not is_idle(["data", "README.md"], tmp_path)
    (tmp_path / "mlci.yaml").write_text(f"{CONFIG}# {tmp_path}")
    assert not is_idle(["data", "README.md"], tmp_path)
    load(None, start=tmp_path)
    assert is_idle(["data", "README.md"], tmp_path)


def test_a_project_of_great_expectations_takes_the_long_way(tmp_path):
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "mlci.yaml").write_text("version: 1\ngreat-expectations: [gx]\nmetrics: {m.json: {a: {min: 1}}}\n")
    load(None, start=tmp_path)
    assert not is_idle(["data", "README.md"], tmp_path)
    assert is_idle(["metrics", "README.md"], tmp_path)


def test_an_idle_hook_imports_next_to_nothing(project):
    code = (
        "import sys; before = set(sys.modules)\n"
        "from mlci.cli import main; code = main(['data', 'README.md'])\n"
        "ours = sorted(name for name in set(sys.modules) - before if name.startswith('mlci'))\n"
        "heavy = {'argparse', 'dataclasses', 'inspect', 'subprocess', 'yaml', 'duckdb', 'narwhals'} & set(sys.modules)\n"
        "print(code, len(ours), sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert done.stdout == "mlci data: none of these files feeds it\n0 8 []\n", done.stderr
