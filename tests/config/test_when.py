"""Conditions: which changed files meet one, and what is wrong with one."""

import pytest

from mlci.changed.files import Changed, pairs
from mlci.changed.when import unmet
from mlci.config.check import check
from mlci.config.when import When, numbers_of, when_of
from mlci.errors import ConfigError


def is_met(patterns, *paths, config="mlci.yaml"):
    return unmet(When(changed=patterns), Changed(paths=frozenset(paths), told="since x"), config=config) is None


@pytest.mark.parametrize(
    ("patterns", "path", "met"),
    [
        (("src/**",), "src/deep/a.py", True),
        (("src/*.py",), "src/deep/a.py", False),
        (("src",), "src/deep/a.py", True),
        (("src/",), "src/deep/a.py", True),
        (("./src",), "src/deep/a.py", True),
        (("**/*.py",), "a.py", True),
        (("*.py",), "src/a.py", False),
        (("../shared/**",), "../shared/a.csv", True),
        (("**",), "any/thing", True),
        (("src/**", "!src/**/*.md"), "src/notes/a.md", False),
        (("src/**", "!src/**/*.md", "src/keep.md"), "src/keep.md", True),
        (("a[1].py",), "a1.py", True),
        (("src/train.py",), "src/train.pyc", False),
    ],
)
def test_a_condition_is_met_by_the_files_that_its_patterns_stand_for(patterns, path, met):
    assert is_met(patterns, path) is met
    assert is_met(patterns, "other", path) is met


def test_what_is_not_met_says_what_did_not_change():
    said = unmet(When(changed=("a", "b", "c", "d")), Changed(paths=frozenset(), told="since x"), config="mlci.yaml")
    assert said == "not looked at, since `when` is not met: nothing of `a`, `b`, `c` and 1 more changed since x"


def test_what_is_not_known_and_a_change_of_the_conditions_themselves_meet_every_one():
    assert unmet(When(changed=("a",)), Changed(paths=None, told="no git"), config="mlci.yaml") is None
    assert is_met(("a",), "mlci.yaml")


def test_both_names_of_a_moved_file_are_read():
    assert pairs(b"M\0a\0R090\0old\0new\0D\0gone\0") == [(b"a",), (b"old", b"new"), (b"gone",)]


def read(text):
    return check(text.encode(), "mlci.yaml")[0]


def test_a_metrics_file_may_have_a_condition_among_its_numbers():
    entries = read("version: 1\nmetrics: {m.json: {when: {changed: [a]}, f1: {min: 1}}}\n").metrics["m.json"]
    assert when_of(entries) == When(changed=("a",))
    assert list(numbers_of(entries)) == ["f1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics: {m.json: {when: {changed: [a]}}}", "names no number"),
        ("metrics: {m.json: {f1: {mni: 1}}}", 'metrics.m.json.f1.mni: unknown key, did you mean "min"?'),
        ("metrics: {m.json: {f1: {min: x}}}", "metrics.m.json.f1.min: must be a number"),
        ("code: {when: {changed: []}}", "code.when.changed: names no file"),
        ("code: {when: {changed: ['!a']}}", "code.when.changed: names no file"),
        ("code: {when: {changed: [/a]}}", "must be relative to mlci.yaml"),
        ("code: {when: {chnged: [a]}}", 'did you mean "changed"?'),
        ("code: {}\nwhen: {model: {changed: [a]}}", "there is no `model:`"),
        ("code: {}\nwhen: {modl: {changed: [a]}}", "modl"),
    ],
)
def test_a_wrong_condition_is_told(text, said):
    with pytest.raises(ConfigError) as caught:
        read(f"version: 1\n{text}\n")
    assert said.casefold() in str(caught.value).casefold()
