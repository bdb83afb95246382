"""The pytest plugin: the marker `training` and the fixture to define. It imports nothing but pytest."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of training checks, so that `-m training` and `-m "not training"` choose."""
    config.addinivalue_line("markers", "training: checks of how a model trains (mlci.testing), which take longer")


@pytest.fixture
def training() -> object:
    """Say that the project defines this one."""
    pytest.fail(
        "no training to check: define a fixture `training`, in the test's class, module or conftest.py, that returns "
        "what `training_of` of mlci.testing.torch, .keras or .sklearn, or a mlci.testing.Training, is",
        pytrace=False,
    )
