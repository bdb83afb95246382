"""Finding, reading and compiling the configuration."""

import os
import subprocess
import sys

import pytest

from mlci import caching
from mlci.config import cache, compiled
from mlci.config.load import load
from mlci.errors import UsageError

TEXT = "version: 1\nmetrics:\n  m.json: {a: {min: 1}}\n"


def test_it_is_found_from_a_folder_below(tmp_path):
    (tmp_path / "mlci.yaml").write_text(TEXT)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert load(None, start=tmp_path / "a" / "b").root == tmp_path


def test_the_search_ends_at_the_repository(tmp_path):
    (tmp_path / "mlci.yaml").write_text(TEXT)
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"no mlci\.yaml in"):
        load(None, start=tmp_path / "repository")


def test_a_compiled_configuration_is_the_same_as_a_checked_one(tmp_path):
    path = tmp_path / "mlci.yaml"
    path.write_text(TEXT)
    checked = load(path, start=tmp_path)
    assert cache.get(path.read_bytes()) is not None
    assert load(path, start=tmp_path) == checked
    assert checked.where("metrics", "m.json", "a").line == 3


def test_a_compiled_configuration_needs_neither_yaml_nor_pydantic(tmp_path):
    (tmp_path / "mlci.yaml").write_text(TEXT)
    load(None, start=tmp_path)
    code = (
        "import sys, pathlib; from mlci.config.load import load; load(None, start=pathlib.Path('.').absolute());"
        "sys.exit(','.join(m for m in ('yaml', 'pydantic', 'duckdb', 'narwhals', 'rich') if m in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ.copy(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_entry_of_the_cache_is_no_harm(tmp_path):
    path = tmp_path / "mlci.yaml"
    path.write_text(TEXT)
    checked = load(path, start=tmp_path)
    for entry in caching.folder(compiled.KIND).iterdir():
        entry.write_bytes(b"not marshal")
    assert load(path, start=tmp_path) == checked


def test_another_text_is_another_entry(tmp_path):
    path = tmp_path / "mlci.yaml"
    path.write_text(TEXT)
    load(path, start=tmp_path)
    path.write_text(TEXT.replace("min: 1", "min: 2"))
    assert load(path, start=tmp_path).config.metrics["m.json"]["a"].min == 2


def test_an_entry_of_the_cache_makes_nothing_but_configurations(tmp_path):
    (tmp_path / "mlci.yaml").write_text(TEXT)
    raw = (tmp_path / "mlci.yaml").read_bytes()
    compiled.put(raw, {}, (("object", "tempfile", "mkdtemp", {"dir": ("value", str(tmp_path))}), {}))
    assert cache.get(raw) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlci.yaml"]
