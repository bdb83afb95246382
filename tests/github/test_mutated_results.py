"""Results of which something was changed at random are posted or refused, and stop nothing in its tracks."""

import copy
import json
import random
from pathlib import Path

import pytest

from mlci.errors import MlciError
from mlci.github.annotations import annotations_of
from mlci.github.from_run import as_posted
from mlci.github.outputs import values_of
from mlci.github.triggering import Run
from mlci.reports.markdown import render
from mlci.reports.state import state_of
from mlci.results.files import loads

pytestmark = pytest.mark.slow

GOLDEN = [json.loads(path.read_text()) for path in sorted((Path(__file__).parents[1] / "reports" / "golden").glob("*.json"))]  # fmt: skip
TRIES = 400
OTHERS = {
    str: ["", "@all", "\u202e", "a/b", "%", "1e400%", "-5%", "nan", "x" * 5_000, "2026-13-45", "9999-12-31T23:59:59+00:00", "code.coverage.total", "model..", "/"],
    float: [0, -1, 1e308, -1e308, 5e-324, 0.1, 10**30],
    int: [0, -1, 10**30],
    bool: [True, False],
    type(None): [None, 0, "", [], {}],
    list: [[], [1]],
    dict: [{}, {"a": 1}],
}  # fmt: skip


def places(value, path=()):
    """Give the path of everything in a JSON document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(inner, (*path, key))


def mutated(rng):
    document = copy.deepcopy(rng.choice(GOLDEN))
    for _ in range(rng.randint(1, 3)):
        *above, last = rng.choice(list(places(document)))
        holder = document
        for key in above:
            holder = holder[key]
        what = rng.random()
        if what < 0.1:
            del holder[last]
        elif what < 0.3 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        else:
            holder[last] = copy.deepcopy(rng.choice(OTHERS[type(holder[last])]))
    return document


RUN = Run(
    id=1,
    attempt=1,
    number=1,
    workflow=1,
    path=".github/workflows/gate.yml",
    conclusion="success",
    head_sha="a" * 40,
    head_branch="change",
    head_owner="stranger",
    head_repository=2,
    fork=True,
)


@pytest.mark.parametrize("seed", range(3))
def test_mutated_results_are_posted_or_refused(seed):
    rng, posted = random.Random(seed), 0
    for _ in range(TRIES):
        document = mutated(rng)
        try:
            part = loads(json.dumps(document).encode(), "results.json")
            results = as_posted((part,) if rng.random() < 0.5 else (part, part), RUN, labelled=False)
        except MlciError:
            continue
        body = render(results, marker="<!-- mlci:default -->")
        assert body.startswith("<!-- mlci:default -->\n### ")
        assert all(isinstance(value, str) for value in values_of(results).values())
        state_of(results)
        annotations_of(results, folder="", changed={})
        posted += 1
    assert posted > TRIES / 5
