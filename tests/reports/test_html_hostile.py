"""A page made of hostile texts has the elements of one made of harmless texts, and nothing else."""

import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlci.reports.html import render
from mlci.reports.links import Links
from mlci.results.files import adapter, loads

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
LINKS = Links(run="https://github.com/o/r/actions/runs/1", source="https://github.com/o/r/blob/0123456789abcdef/")
KEPT = {"status", "verdict", "severity", "max_drop"}
PREFIXES = {"id": "model.m.behaviour.s.", "metric": "model.m.", "name": "model.m."}
VOID = {"meta", "link", "wbr"}
SVG = {"rect", "path", "circle"}
TAGS = VOID | SVG | {"html", "head", "title", "style", "body", "header", "h1", "span", "p", "dl", "div", "dt", "dd", "a", "main", "section", "details", "summary", "h2", "ul", "li", "b", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "svg"}  # fmt: skip
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "rel",
    "href",
    "class",
    "scope",
    "data-label",
    "width",
    "height",
    "viewbox",
    "aria-hidden",
    "x",
    "y",
    "cx",
    "cy",
    "r",
    "d",
    "open",
}
AT_WILL = {"code", "wbr", "pre"}  # marks inside of a text: they cannot hold anything but text
DRAWN = re.compile(r"[MHV0-9 .-]*")
FRAGMENTS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</title><script>", "</style>", "</pre></details></section>", "<!--", "-->", "]]>", "<?php", "<!doctype>",
    '"', "'", '" onclick="x', "' onmouseover='x", '"><a href="javascript:x">', "javascript:alert(1)", "{{ 7*7 }}", "{% raw %}", "{# #}", "&amp;", "&#60;script&#62;", "&lt", "`", "``", "`<b>`",
    "\u202e", "\u200b", "\ud800", "\x1b[2J", "\x00", "\x85", "\n", "\r\n", "\u2028", "\ufeff", "\ufffe", "../../../evil", "https://evil.example/", "//evil.example", "x" * 3000, "e\u0301\u0301\u0301\u0301", "%0d%0a",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=5).map("".join).filter(bool)


class Page(HTMLParser):
    """Reads a page and refuses what is not well-formed, or not made by the template."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tree, self.links, self.classes, self.open = [], [], set(), []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert tag in TAGS
        assert len(set(names)) == len(names)
        assert set(names) <= ATTRIBUTES
        self._look_at(tag, dict(attrs))
        if tag not in AT_WILL:
            self.tree.append("span" if tag == "a" else tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_pi(self, data):
        raise AssertionError(data)

    def _look_at(self, tag, attrs):
        if "href" in attrs and tag == "a":
            self.links.append(attrs["href"])
        self.classes |= set(attrs.get("class", "").split())
        for name in attrs.keys() & {"x", "y", "cx", "cy", "r", "d"}:
            assert DRAWN.fullmatch(attrs[name])


def document(text):
    """Return the bytes of results with `text` in each place that holds text, and after the name that a place needs."""
    found = json.loads((GOLDEN / "failing.json").read_text(encoding="utf-8"))
    found["cell"], found["fingerprints"] = "leg", {"model.m.evaluate": "0c1d"}
    for gate in found["gates"]:
        for check in gate["checks"]:
            check["details"] = {
                "cases": 20, "failed_cases": 2, "failure_rate": 0.1, "interval": [0.01, 0.3], "limit": 0.05, "type": "MFT", "test": "a",
                "rows": [1, 2], "kwargs": {"column": "a"}, "observed_value": ["a"], "values": {"unexpected_values": ["a", None]},
                "examples": [{"input": "a", "prediction": "b"}, ["a", "b"]], "traceback": "a\nb", "a": "b",
            }  # fmt: skip
            check["where"] = {"path": "a", "line": 3}
    return json.dumps(_with(found, text), ensure_ascii=True).encode()


def _with(found, text, key=""):
    if isinstance(found, dict):
        renamed = {"a": text} if "traceback" in found or "input" in found else {}
        return {renamed.get(name, name): _with(part, text, name) for name, part in found.items()}
    if isinstance(found, list):
        return [_with(part, text) for part in found]
    if not isinstance(found, str) or key in KEPT or (key == "name" and found in ("code", "data", "model", "metrics")):
        return found
    return f"{PREFIXES[key]}{text}" if key in PREFIXES else text


def rendered(text):
    # Lone surrogates cannot come out of a file; they can come out of a program that calls the report.
    plain = json.loads(document(text))
    return render(adapter().validate_python(plain), links=LINKS, show_values=True, budget=10**9)


HARMLESS = Page(rendered("harmless words"))


def inert_examples(test):
    for text in FRAGMENTS:
        test = example(text)(test)
    return settings(max_examples=10, deadline=None)(test)


@inert_examples
@given(TEXTS)
def test_hostile_texts_do_nothing(text):
    html = rendered(text)
    shown = Page(html)
    assert shown.tree == HARMLESS.tree
    assert shown.classes == HARMLESS.classes
    assert {link for link in shown.links if not link.startswith(LINKS.source)} == {LINKS.run}
    assert not [link for link in shown.links if {"..", "."} & set(link.split("/")) or re.search(r"[\s\"'<>\\]", link)]
    assert not [mark for mark in html if mark != "\n" and unicodedata.category(mark) in {"Cc", "Cf", "Cs"}]


def test_page_without_links_of_ours_has_none():
    found = loads(document("https://evil.example/x"), "results.json")
    assert Page(render(found)).links == []


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.json")))
def test_page_is_well_formed(name):
    page = Page(render(loads((GOLDEN / f"{name}.json").read_bytes(), name), links=LINKS))
    assert page.tree[:2] == ["html", "head"]


@pytest.mark.parametrize("limit", ["x", "%", "nan", "1e999", "-5%", "9" * 400 + "%", "\u0661%"])
def test_limit_that_means_nothing_is_shown_and_not_drawn_wrong(limit):
    found = json.loads(document("a"))
    for change in found["comparison"]["changes"]:
        change["max_drop"] = limit
    Page(render(loads(json.dumps(found).encode(), "results.json")))


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 0.0, -0.0, 10**300])
def test_any_number_can_be_shown(value):
    text = document("a").decode()
    value = json.dumps(value)
    for name in ("baseline", "candidate", "value", "cases", "failure_rate", "n"):
        number = value if name != "n" else str(10**300)
        text = re.sub(rf'"{name}": -?[0-9.e-]+', f'"{name}": {number}', text)
    Page(render(loads(text.encode(), "results.json")))


@pytest.mark.parametrize("details", [{"cases": "x"}, {"cases": True, "interval": [1]}, {"interval": ["a", "b"]}, {"limit": [], "failure_rate": {}}, {"not_applicable": None, "type": {"a": 1}}])  # fmt: skip
def test_details_of_another_shape_are_no_trouble(details):
    found = json.loads(document("a"))
    found["gates"][2]["checks"][0]["details"] = details
    Page(render(loads(json.dumps(found).encode(), "results.json")))


def test_deep_details_end():
    deep = "x"
    for _ in range(60):
        deep = [{"a": deep}]
    found = json.loads(document("a"))
    found["gates"][0]["checks"][0]["details"] = {"deep": deep}
    assert "…" in render(loads(json.dumps(found).encode(), "results.json"))
