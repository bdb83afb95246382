"""Which way a rule is stricter: values, lists, arguments of pytest, files of Python."""

import pytest

from mlci.rules.amounts import compared
from mlci.rules.equality import same
from mlci.rules.files.coverage_configuration import _kind as of_coverage
from mlci.rules.files.pytest_configuration import _filters, _sets
from mlci.rules.pytest_arguments import Places, compare
from mlci.rules.python_code import altered, collection_of

PLACES = Places(follow=lambda path: {"old": "new"}.get(path, path))


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        (0.5, 0.4, -1),
        (1, 1.0, 0),
        ("2%", "3%", 1),
        ("2 %", "2.0%", 0),
        ("2%", 0.02, None),
        ("7d", "1w", 0),
        ("36h", "1d", -1),
        ("50MB", "50MiB", 1),
        ("1GB", "1000 MB", 0),
        ("large", "larger", None),
        (0.1, 0.1 + 1e-17, 0),
    ],
)
def test_amounts(before, after, order):
    assert compared(before, after) == order


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        ("a", ("a",), True),
        (("a", "b"), ["a", "b"], True),
        ({"a": 1, "b": [2]}, {"b": (2.0,), "a": 1.0}, True),
        (("a", "b"), ("b", "a"), False),
        (None, (), False),
    ],
)
def test_equal_values(before, after, is_same):
    assert same(before, after) is is_same


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (["tests"], ["tests"], "same"),
        (["tests"], ["./tests/"], "elsewhere"),
        (["old"], ["new"], "elsewhere"),
        (["tests/unit"], ["tests"], "stricter"),
        (["tests"], ["tests/unit"], "looser"),
        (["tests"], ["tests::test_a"], "looser"),
        ([], ["tests"], "looser"),
        (["tests"], [], "stricter"),
        (["tests"], ["tests", "-q", "--tb=short", "-n4", "-x"], "elsewhere"),
        (["tests"], ["tests", "-m", "fast"], "looser"),
        (["tests"], ["tests", "-mfast"], "looser"),
        (["tests"], ["tests", "--ignore=tests/a.py"], "looser"),
        (["tests", "-k", "a"], ["tests"], "stricter"),
        (["tests", "-k", "a"], ["tests", "-k", "b"], "looser"),
        (["tests"], ["tests", "-p", "no:checks"], "looser"),
        (["tests"], ["tests", "-o", "addopts=-k a"], "looser"),
        (["tests"], ["tests", "-c", "other.ini"], "looser"),
        (["tests"], ["tests", "--noconftest"], "looser"),
        (["tests", "--strict-markers"], ["tests"], "looser"),
        (["tests"], ["tests", "--strict-markers", "-W", "error"], "stricter"),
        (["tests", "--runslow"], ["tests"], "looser"),
        (["tests"], ["tests", "--", "--odd"], "stricter"),
        (["tests"], ["tests", "--reruns", "5"], "looser"),
        (["tests"], ["tests", "-qk", "a"], "looser"),
    ],
)
def test_arguments_of_pytest(before, after, verdict):
    assert compare(before, after, PLACES) == verdict


@pytest.mark.parametrize(
    ("key", "before", "after", "kind"),
    [
        ("omit", None, "a.py", "loosened"),
        ("omit", "a.py\nb.py", "b.py", "tightened"),
        ("omit", "a.py\nb.py", ["b.py", "a.py"], None),
        ("exclude_lines", None, ["pragma: no cover"], None),
        ("exclude_lines", ["pragma: no cover"], ["pragma: no cover", "def "], "loosened"),
        ("source", "a", None, "tightened"),
        ("source", "a b", "a", "loosened"),
        ("branch", "true", None, "loosened"),
        ("branch", None, True, "tightened"),
        ("fail_under", "80", 70, "loosened"),
        ("fail_under", 80, "80.0", None),
        ("plugins", None, "mine", "loosened"),
        ("data_file", None, "x", None),
    ],
)
def test_settings_of_coverage(key, before, after, kind):
    assert of_coverage(key, before, after) == kind


def test_settings_of_pytest():
    assert _sets("testpaths", set(), {"tests"}) == "loosened"
    assert _sets("testpaths", {"tests"}, set()) == "tightened"
    assert _sets("norecursedirs", {"build"}, {"build", "tests"}) == "loosened"
    assert _sets("python_files", {"test_*.py"}, {"test_*.py", "check_*.py"}) == "tightened"
    assert _filters(("ignore::A",), ()) is None
    assert _filters(("error",), ("error", "ignore::A")) == "loosened"
    assert _filters(("error::A",), ("error::A", "error::B")) == "tightened"


PLUGIN = b'''import re


@expectation
def is_odd(values):
    """Odd."""
    return [value % 2 for value in values]  # all
'''


@pytest.mark.parametrize(
    ("after", "is_altered"),
    [
        (PLUGIN.replace(b"# all", b"# each"), False),
        (PLUGIN.replace(b"Odd.", b"Values are odd."), False),
        (PLUGIN + b"\n\n@expectation\ndef is_even(values):\n    return [not value % 2 for value in values]\n", False),
        (b"import os\n" + PLUGIN, False),
        (PLUGIN.replace(b"value % 2 for", b"True for"), True),
        (PLUGIN.replace(b"@expectation\n", b""), True),
        (PLUGIN + b"\n\n@expectation\ndef is_odd(values):\n    return [True] * len(values)\n", True),
        (PLUGIN + b"\nis_odd = lambda values: True\n", True),
        (PLUGIN + b"\nfrom other import *\n", True),
        (PLUGIN + b"\nfrom other import is_odd\n", True),
        (PLUGIN + b"\nrun()\n", True),
        (PLUGIN + b"\n\n@expectation(name='is_odd')\ndef always(values):\n    return True\n", True),
        (b"not python at all", True),
        (b"", True),
    ],
)
def test_code_of_plugins(after, is_altered):
    assert altered(PLUGIN, after) is is_altered


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        (b"@pytest.fixture\ndef shop():\n    return 1\n", 0),
        (b"import pytest_asyncio\nimport os\n", 0),
        (b"collect_ignore = ['a.py']\n", 1),
        (b"collect_ignore_glob: list = []\ncollect_ignore_glob.append('*')\n", 2),
        (b"def pytest_collection_modifyitems(items):\n    items.clear()\n", 1),
        (b"pytest_plugins = ['mine']\n", 1),
        (b"from mine import *\n", 1),
        (b"from mine import hook as pytest_ignore_collect\n", 1),
        (b"if True:\n    def pytest_sessionfinish(session):\n        session.exitstatus = 0\n", 1),
        (b"globals()['pytest_ignore_collect'] = lambda: True\n", 1),
    ],
)
def test_what_a_conftest_says_of_collection(source, rules):
    assert len(collection_of(source)) == rules
