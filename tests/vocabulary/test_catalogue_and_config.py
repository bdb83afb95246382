"""Plugins in the catalogue, in `mlci.yaml`, and in what a hook looks at."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlci.config.check import check
from mlci.config.load import load
from mlci.errors import ConfigError
from mlci.feeding import may_feed

CONFIG = "version: 1\nplugins: [tests.plugins, own/more.py]\ndata:\n  p: {path: p.csv, expect: [{expect_x: {}}]}\n"


def problems(plugins, rest="code: {}"):
    with pytest.raises(ConfigError) as caught:
        check(f"version: 1\nplugins: {plugins}\n{rest}\n".encode(), "mlci.yaml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("plugins", "says"),
    [
        ("tests.plugins", "plugins: must be a list or a mapping (name: value)"),
        ("[tests plugins]", 'plugins[0]: must be a module or a Python file, not "tests plugins"'),
        ("{modules: [a], timeout: 0}", "plugins.timeout: must be above 0"),
        ("{modules: [a], memory: much}", 'plugins.memory: must be a size such as "4GB", not "much"'),
        ("{modules: [a], timeuot: 3}", 'plugins.timeuot: unknown key, did you mean "timeout"?'),
    ],
)
def test_mistakes_in_the_key_are_said(plugins, says):
    assert problems(plugins) == [f"mlci.yaml:2 {says}"]


def test_names_are_left_to_the_gates_where_there_are_plugins_and_refused_where_there_are_none():
    data = "data: {p: {path: p.csv, expect: [{expect_x: {}}]}}"
    model = "model: {m: {predict: 'm:p', evaluate: {data: d.csv}, metrics: {cost: {max-drop: 1}}}}"
    for rest in (data, model):
        check(f"version: 1\nplugins: [a]\n{rest}\n".encode(), "mlci.yaml")
        assert "unknown" in problems("[]", rest)[0]
    own = "model: {m: {predict: 'm:p', evaluate: {data: d.csv}, metrics: {cost: {function: 'a:cost'}}}}"
    check(f"version: 1\n{own}\n".encode(), "mlci.yaml")
    assert problems("[]", own.replace("a:cost", "a:")) == [
        "mlci.yaml:3 model.m.metrics.cost.function: must be module:function"
    ]


@pytest.mark.parametrize("file", ["tests/plugins.py", "src/tests/plugins.py", "own/more.py", "tests/plugins/one.py"])
def test_a_change_of_a_plugin_feeds_the_data_gate(tmp_path, file):
    (tmp_path / "mlci.yaml").write_text(CONFIG)
    config = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False).config
    assert may_feed("data", config, tmp_path, frozenset([(tmp_path / file).resolve()]))
    assert not may_feed("data", config, tmp_path, frozenset([(tmp_path / "tests/other.py").resolve()]))


def catalogue(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlci", "catalogue", "--python", sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_catalogue_lists_them(tmp_path):
    (tmp_path / "mlci.yaml").write_text("version: 1\nplugins: [plugins.py]\ncode: {}\n")
    (tmp_path / "plugins.py").write_text(
        "from mlci.plugins import cases, expectation, metric\n\n"
        "@expectation\ndef expect_rows_to_be_fine(rows):\n    '''Rows are fine.'''\n    return True\n\n"
        "@cases\ndef words():\n    return []\n\n"
        "@metric(name='accuracy')\ndef mine(labels, predictions):\n    return 1\n"
    )
    done = catalogue(tmp_path, "expectations", "behaviour")
    assert "Expectations of data, the project's own (1)\n  expect_rows_to_be_fine  Rows are fine.\n" in done.stdout
    assert "Makers of cases, in behaviour suites, the project's own (1)\n  words  `plugins.py:words`" in done.stdout
    assert "plugins.py:mine (plugins.py:12) has the name of a built-in metric, `accuracy`" in done.stderr
    assert done.returncode == 3


@pytest.mark.slow
def test_the_catalogue_needs_no_configuration(tmp_path):
    (tmp_path / ".git").mkdir()
    assert catalogue(tmp_path, "metrics").returncode == 0
    (tmp_path / "mlci.yaml").write_text("version: 2\n")
    done = catalogue(tmp_path, "metrics")
    assert (done.returncode, "plugins are not listed" in done.stderr) == (0, True)
