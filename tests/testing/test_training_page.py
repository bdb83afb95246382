"""docs/training.md says what the code does: its blocks are test files, which are run."""

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from mlci.testing import Training
from mlci.testing.checks import CHECKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"
BLOCKS = dict(re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL))
NEEDS = {
    "test_pytorch.py": "torch",
    "test_keras.py": "keras",
    "test_sklearn.py": "sklearn",
    "test_own_loop.py": "numpy",
}
APPLY = {"test_pytorch.py": 17, "test_keras.py": 17, "test_sklearn.py": 12, "test_own_loop.py": 12}
"""How many checks pass; the others are not applicable."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_every_example_runs_and_passes(name, tmp_path):
    if importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed: pip install --group frameworks")
    (tmp_path / name).write_text(BLOCKS[name])
    environment = {
        **os.environ,
        "KERAS_BACKEND": "torch",
        "OMP_NUM_THREADS": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-p", "mlci", "-q", "-p", "no:cacheprovider", name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"{APPLY[name]} passed" in done.stdout
    assert f"{len(list(CHECKS)) - APPLY[name]} skipped" in done.stdout


def test_there_is_an_example_for_each_framework():
    assert set(BLOCKS) == set(NEEDS)


def test_the_table_names_attributes_of_a_training_and_checks_that_there_are():
    rows = re.findall(r"^\| (`.+?) \| .* \| (.*?) \|$", PAGE.read_text(), re.MULTILINE)
    known = {field.name for field in fields(Training)}
    assert len(rows) > 12
    for attributes, checks in rows:
        assert set(re.findall(r"`(\w+)", attributes)) <= known
        assert set(re.findall(r"`(\w+)`", checks)) <= set(CHECKS)
