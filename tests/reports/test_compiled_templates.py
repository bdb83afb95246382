"""Compiled templates: taken from the cache, and never for another source."""

import jinja2
import pytest

from mlci import caching
from mlci.reports.compiled import KIND, Compiled, cache


class CompilesError(Exception):
    pass


class NeverCompiles(jinja2.Environment):
    def compile(self, *args, **kwargs):
        raise CompilesError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def rendered(source, kind=jinja2.Environment):
    environment = kind(loader=jinja2.DictLoader({"page": source}), bytecode_cache=Compiled(), autoescape=True)
    return environment.get_template("page").render(x="<")


def test_the_second_run_compiles_nothing():
    with pytest.raises(CompilesError):
        rendered("a {{ x }}", NeverCompiles)
    assert rendered("a {{ x }}") == "a &lt;"
    assert rendered("a {{ x }}", NeverCompiles) == "a &lt;"


def test_another_source_of_the_same_name_is_compiled():
    rendered("a {{ x }}")
    assert rendered("b {{ x }}") == "b &lt;"
    assert rendered("a {{ x }}") == "a &lt;"


@pytest.mark.parametrize("content", [b"", b"not marshal", b"N", b"("])
def test_a_broken_entry_is_no_harm(content):
    rendered("a {{ x }}")
    for entry in caching.folder(KIND).iterdir():
        entry.write_bytes(content)
    assert rendered("a {{ x }}") == "a &lt;"


def test_a_cache_that_cannot_be_written_is_no_harm(tmp_path):
    (tmp_path / "mlci").write_text("a file where the folder would be")
    assert rendered("a {{ x }}") == "a &lt;"


def test_there_is_none_where_code_of_a_change_may_have_planted_entries(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    assert isinstance(cache(), Compiled)
    monkeypatch.setenv("CI", "true")
    assert cache() is None
