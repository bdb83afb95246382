"""What a baseline holds under the names of a change that calls its parts otherwise."""

from dataclasses import replace

import pytest

from mlci.baselines.model import Found, Stored
from mlci.baselines.renaming import Renaming
from mlci.model.paired import Predicted
from mlci.results.model import Metric, Receipt
from mlci.results.profile import Profile
from mlci.results.training import Training


def _run(model, file):
    return Stored(
        schema=1,
        mlci="1",
        created="2026-01-01T00:00:00Z",
        metrics=(
            Metric(name=f"model.{model}.accuracy", value=0.9),
            Metric(name=f"metrics.{file}.f1", value=0.8),
            Metric(name="model.ab.accuracy", value=0.7),
        ),
        fingerprints={f"model.{model}.evaluate": "1", "model.ab.evaluate": "2"},
        profiles={f"model.{model}.predictions": Profile(rows=1, columns={})},
        trainings={model: (Training(said="x", values=((f"model.{model}.accuracy", None, 0.9),)),)},
    )


def _found(model, file):
    suites = {f"model.{model}.behaviour.words": {"1": True}}
    return Found(
        stored=_run(model, file),
        receipt=Receipt(source="file"),
        predicted={model: Predicted(columns={}, slices={}, positive=None, suites=suites)},
        history=(_run(model, file),),
    )


def test_everything_that_is_kept_gets_the_new_name():
    names = {"model.a": "model.b", "model.ab": "model.ab", "metrics.out/m.json": "metrics.out/n.json"}
    assert Renaming(names).found(_found("a", "out/m.json")) == _found("b", "out/n.json")


@pytest.mark.parametrize("names", [{}, {"model.other": "model.b", "data.a": "data.b"}])
def test_other_names_stay(names):
    assert Renaming(names).found(_found("a", "m.json")) == _found("a", "m.json")


def test_a_name_that_begins_with_another_is_a_name_of_its_own():
    names = {"model.a": "model.c", "model.a.b": "model.a.b"}
    assert Renaming(names).found(_found("a.b", "m.json")) == _found("a.b", "m.json")


def test_nothing_found_stays_nothing():
    nothing = replace(_found("a", "m.json"), stored=None, predicted={}, history=())
    assert Renaming({"model.a": "model.b"}).found(nothing) == nothing
