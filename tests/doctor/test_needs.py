"""Which packages a configuration asks for."""

import tomllib
from pathlib import Path

import pytest

from mlci.config.check import check
from mlci.doctor import needs
from mlci.doctor.needs import of_mlci, of_project
from mlci.doctor.project import of_own


def config(text):
    return check(f"version: 1\n{text}".encode(), "mlci.yaml")[0]


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        ("data: {a: {path: t.xlsx, allow-empty: true}}", "excel"),
        ("data: {a: {path: t.csv.zst, allow-empty: true}}", "zstd"),
        ("data: {a: {path: t.feather, allow-empty: true}}", "arrow"),
        ("data: {a: {path: 's3://b/t.csv', allow-empty: true}}", "s3"),
        ("data: {a: {path: 'https://h/t.csv', allow-empty: true}}", "http"),
        ("data: {a: {path: pictures, format: images, allow-empty: true}}", "image"),
        ("data: {a: {sql: {url: 'postgresql://h/d', table: t}, allow-empty: true}}", "sql"),
        ("data: {a: {spark: {table: t}, allow-empty: true}}", "spark"),
        ("metrics: {m.json: {a: {min: 1}}}\nbaseline: {store: bucket, bucket: 's3://b/c'}", "s3"),
        ("metrics: {m.json: {a: {min: 1}}}\nbaseline: {store: mlflow}", "mlflow"),
        ("model: {m: {predict: 'a:b', evaluate: {data: d.csv, label: y}, metrics: {accuracy: {min: 1}}}}", "model"),
    ],
)
def test_an_extra_is_asked_for_by_what_needs_it(text, extra):
    assert [need.package for need in of_mlci(config(text))] == [extra]


@pytest.mark.parametrize("text", ["data: {a: {path: t.csv, allow-empty: true}}", "metrics: {m.json: {a: {min: 1}}}"])
def test_what_needs_none_asks_for_none(text, tmp_path):
    assert not [*of_mlci(config(text)), *of_project(config(text), tmp_path)]


def test_a_saved_model_asks_for_what_loads_it(tmp_path):
    asked = of_project(config("model: {m: {artifact: m.onnx, behaviour: [b.yaml]}}"), tmp_path)
    assert [(need.package, need.certain) for need in asked] == [("onnxruntime", True), ("numpy", True)]


def test_every_extra_is_one_that_there_is():
    declared = tomllib.loads((Path(needs.__file__).parents[2] / "pyproject.toml").read_text())
    asked = {extra for _, extra in (*needs._OF_SUFFIX.values(), *needs._OF_SCHEME.values())}
    assert asked <= set(declared["project"]["optional-dependencies"])


def test_a_missing_extra_comes_with_its_command(monkeypatch):
    monkeypatch.setitem(needs._OF_SUFFIX, ".zst", ("nothing_of_that_name", "zstd"))
    section = of_own(config("data: {a: {path: t.csv.zst, allow-empty: true}}"))
    found = {each.name: each for each in section.findings}
    assert found["extra zstd"].state == "missing"
    assert "mlci[zstd]" in found["install"].says
