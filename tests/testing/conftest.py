"""The planted bugs of each framework, loaded where it is installed."""

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

import pytest

NEEDS = {"torch": "torch", "keras": "keras", "sklearn": "sklearn", "callback": "numpy"}


@cache
def _load(framework):
    os.environ.setdefault("KERAS_BACKEND", "torch")
    spec = importlib.util.spec_from_file_location(
        f"planted_{framework}", Path(__file__).parent / f"planted_{framework}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where pickle looks for its classes
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def planted(monkeypatch):
    """Give the trainings of a framework, healthy and not."""
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "torch"))

    def load(framework):
        if importlib.util.find_spec(NEEDS[framework]) is None:
            pytest.skip(f"{framework} is not installed: pip install --group frameworks")
        return _load(framework)

    return load
