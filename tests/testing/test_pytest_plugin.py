"""The pytest plugin in projects of their own: what it costs, what it registers, what the ready class collects."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.testing.checks import CHECKS

HERE = Path(__file__).resolve().parent
HEALTHY = f"""\
import importlib.util, sys
import pytest
from mlci.testing import TrainingChecks

spec = importlib.util.spec_from_file_location("planted_callback", {str(HERE / "planted_callback.py")!r})
cases = sys.modules["planted_callback"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
cases.fixture = pytest.fixture(lambda self: cases.HEALTHY)
"""


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest on a file in a project of its own, and return its exit code and output."""

    def run(text, *options):
        (tmp_path / "test_model.py").write_text(text)
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers --strict-config\n")
        command = [sys.executable, "-m", "pytest", "-p", "mlci", "-p", "no:cacheprovider", "-q", "-rs", *options]
        alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_loading_the_plugin_imports_nothing_of_substance():
    code = (
        "import sys, pytest; before = set(sys.modules); import mlci.testing.plugin; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"mlci", "mlci.testing", "mlci.testing.plugin"}


def test_the_checks_are_listed_without_numpy_or_a_framework():
    code = (
        "import sys; from mlci.testing.checks import CHECKS; assert len(list(CHECKS)) > 20; "
        "print({'numpy', 'torch', 'keras', 'sklearn', 'pytest'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.slow
def test_a_project_that_does_not_use_it_imports_none_of_it(run_pytest):
    code, output = run_pytest(
        "import sys\ndef test_modules():\n"
        "    assert [each for each in sys.modules if each.startswith(('mlci.', 'numpy', 'torch'))]"
        " == ['mlci.testing', 'mlci.testing.plugin']\n"
    )
    assert code == 0, output


@pytest.mark.slow
def test_the_ready_class_is_a_test_for_each_check(run_pytest):
    text = HEALTHY + (
        "class TestTraining(TrainingChecks):\n"
        "    leave_out = {'devices_agree': 'one device is enough here'}\n"
        "    settings = {'overfits_a_batch': {'steps': 200}}\n"
        "    @pytest.fixture\n"
        "    def training(self):\n"
        "        return cases.HEALTHY\n"
    )
    code, output = run_pytest(text)
    assert code == 0, output
    assert f"{len(list(CHECKS)) - 3} passed, 3 skipped" in output
    assert "one device is enough here" in output
    assert "not applicable: a step callback was given no `experiment`" in output
    code, output = run_pytest(text, "-m", "not training")
    assert f"{len(list(CHECKS))} deselected" in output


@pytest.mark.slow
def test_a_failing_check_says_what_it_measured_and_what_that_means(run_pytest):
    code, output = run_pytest(
        HEALTHY + "@pytest.fixture\ndef training():\n    return cases.planted('loss_falls')\n\n"
        "class TestTraining(TrainingChecks):\n    pass\n",
        "-k",
        "loss_falls",
    )
    assert code == 1
    assert "TrainingCheckFailed: the loss of the batch went from" in output
    assert "Usually: the step does not reach the model" in output
    assert "learning.py" not in output  # its frames are hidden


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("class TestTraining(TrainingChecks):\n    pass\n", "no training to check: define a fixture `training`"),
        (
            "class TestTraining(TrainingChecks):\n    @pytest.fixture\n    def training(self):\n        return 1\n",
            "returns a mlci.testing.Training, not int",
        ),
        (
            "class TestTraining(TrainingChecks):\n    leave_out = {'loss_fals': ''}\n    training = cases.fixture\n",
            'unknown training check "loss_fals" did you mean "loss_falls"?',
        ),
    ],
)
def test_mistakes_in_the_class_are_named(text, says, run_pytest):
    code, output = run_pytest(HEALTHY + text, "-k", "finite")
    assert code == 1
    assert says in output
