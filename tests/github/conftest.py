"""The stand-in for GitHub's API, and a client of it that waits in no time."""

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest
import requests

from mlci.github.client import Client

HERE = Path(__file__).parent
TOKEN = "t0ken"


def _load():
    spec = importlib.util.spec_from_file_location("fake_github", HERE / "fake.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["fake_github"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def fake():
    """The module of the stand-in."""
    return sys.modules.get("fake_github") or _load()


@pytest.fixture(scope="session")
def contract(fake):
    """GitHub's own description of its API; None, so without that check, where the corpora are absent."""
    root = HERE.parents[1]
    folder = Path(os.environ.get("MLCI_CORPORA") or root.parent / "shared" / "corpora")
    description = folder / "github" / "openapi-slice.json"
    return fake.Contract(json.loads(description.read_text())) if description.is_file() else None


@pytest.fixture
def github(fake, contract):
    """A repository without comments; after the test, no request may have broken GitHub's description."""
    state = fake.FakeGitHub()
    with fake.serve(state, contract=contract) as url:
        state.url = url
        yield state
    assert state.violations == []


@pytest.fixture
def waits():
    """The waits that the client took."""
    return []


@pytest.fixture
def client(github, waits):
    return client_of(github.url, waits)


def client_of(url, waits, *, token=TOKEN, timeout=(2.0, 2.0)):
    return Client(
        api_url=url,
        graphql_url=f"{url}/graphql",
        token=token,
        session=requests.Session(),
        clock=lambda: 1_000_000.0,
        sleep=waits.append,
        timeout=timeout,
    )


@pytest.fixture
def make_client():
    return client_of
