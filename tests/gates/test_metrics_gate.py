"""Numbers that other programs wrote."""

from pathlib import Path

import pytest

from mlci.config.common import Limits
from mlci.config.model import Config
from mlci.errors import Where
from mlci.gates import Context
from mlci.gates.metrics import run


def gate(root, file, content, numbers, **context):
    if content is not None:
        (root / file).write_text(content)
    config = Config(version=1, metrics={file: numbers})
    return run(
        Context(
            root=root,
            config=config,
            where=lambda *key: Where(path="mlci.yaml", line=len(key)),
            find_python=lambda: pytest.fail("no interpreter is needed"),
            out=root / "out",
            **context,
        )
    )


def only(outcome):
    (check,) = outcome.gate.checks
    return check


def test_a_number_within_its_limits_passes_and_is_reported(tmp_path):
    limits = Limits(min=0.8, max_drop=0.02, direction="higher")
    outcome = gate(tmp_path, "m.json", '{"overall": {"f1": 0.83}}', {"overall.f1": limits})
    assert outcome.gate.status == "passed"
    assert only(outcome).summary == "overall.f1 in m.json is 0.83, at least 0.8 asked for"
    assert outcome.metrics[0].name == "metrics.m.json.overall.f1"
    assert outcome.metrics[0].higher_is_better is True
    assert outcome.metrics[0].max_drop == 0.02


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        ('{"f1": 0.79}', "f1", "f1 in m.json is 0.79, below the minimum of 0.8"),
        ('{"f1": 0.79999999}', "f1", "f1 in m.json is 0.79999999, below the minimum of 0.8"),
        ('{"f1": 1.5}', "f1", "above the maximum of 1"),
        ('{"f1": 1.0000001}', "f1", "f1 in m.json is 1.0000001, above the maximum of 1"),
        ('{"f1": "0.9"}', "f1", "f1 in m.json is a text, not a number"),
        ('{"f1": true}', "f1", "f1 in m.json is true or false, not a number"),
        ('{"f1": null}', "f1", "f1 in m.json is null, not a number"),
        ('{"f1": NaN}', "f1", "f1 in m.json is nan, not a finite number"),
        ('{"overall": {"f1": 1}}', "overall.f2", 'overall.f2 in m.json is missing, did you mean "overall.f1"?'),
        ("{}", "f1", "f1 in m.json is missing; the file has no number at all"),
    ],
)
def test_a_number_that_is_wrong_or_missing_fails(tmp_path, content, path, reason):
    outcome = gate(tmp_path, "m.json", content, {path: Limits(min=0.8, max=1.0)})
    assert outcome.gate.status == "failed"
    assert reason in only(outcome).reason


@pytest.mark.parametrize(
    ("content", "path", "value"),
    [
        ('{"a.b": {"c": 1}}', "a.b.c", 1),
        ('{"a": [{"b": 2}]}', "a.0.b", 2),
        ('{"a": {"b": 1}, "a.b": 3}', "a.b", 3),
        ('{"a": {"x": 1}, "a.b": {"c": 4}}', "a.b.c", 4),
    ],
)
def test_paths_go_through_lists_and_keys_with_dots(tmp_path, content, path, value):
    outcome = gate(tmp_path, "m.json", content, {path: Limits()})
    assert outcome.metrics[0].value == value


def test_yaml_is_read_too(tmp_path):
    outcome = gate(tmp_path, "m.yaml", "train:\n  loss: 0.25\n", {"train.loss": Limits(max=0.2, severity="warning")})
    assert only(outcome).status == "warned"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "m.json: the file is missing. Run what writes it before mlci."),
        ("{", "m.json: not JSON"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Run `git lfs pull`"),
    ],
)
def test_a_file_that_cannot_be_read_is_errored(tmp_path, content, reason):
    outcome = gate(tmp_path, "m.json", content, {"f1": Limits(min=0.8)})
    assert outcome.gate.status == "errored"
    assert reason in only(outcome).reason


def test_files_that_feed_nothing_skip_the_gate(tmp_path):
    outcome = gate(tmp_path, "m.json", "{}", {"f1": Limits()}, files=frozenset({Path(tmp_path / "other.json")}))
    assert outcome.gate.status == "skipped"
    assert outcome.gate.reason


def test_the_rounding_of_binary_numbers_is_no_violation(tmp_path):
    outcome = gate(tmp_path, "m.json", '{"a": 0.30000000000000004}', {"a": Limits(min=0.1, max=0.3)})
    assert outcome.gate.status == "passed"
