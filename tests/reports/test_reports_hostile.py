"""Reports of results with a hostile text in every place that holds text: it is shown, and does nothing."""

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlci.errors import Where
from mlci.github import outputs, workflow
from mlci.github.annotations import annotations_of
from mlci.reports import badges, html, junit
from mlci.reports.findings import headline
from mlci.reports.inert import utf16_units
from mlci.reports.markdown import COMMENT_BUDGET, Links, marker_of, render
from mlci.reports.state import state_of
from mlci.results.merge import merge
from mlci.results.model import Change, Check, Comparison, Gate, Results

pytestmark = pytest.mark.slow

MARKER = marker_of("default")
LINKS = Links(run="https://github.com/o/r/actions/runs/1", source="https://github.com/o/r/blob/0123456789abcdef/")
FRAGMENTS = [
    "@octocat", "@octo-org/team", "#1", "#12", "GH-12", "o/r#1", "o/r@0123456", "0123456789abcdef0123456789abcdef01234567", "deadbee",
    "::error::x", "::set-output name=a::b", "##[error]x", "##[group]", "::stop-commands::x", "%0A::error::x", "\n::error::x",
    "`", "``", "```", "~~~", "```mermaid\ngraph TD\nA-->B\n```", "\n```mermaid\npie\n```\n", "```math\nx\n```",
    "</details>", "<details>", "</summary>", "</table>", "</code>", "</sub>", "</a>", "<!--", "-->", "--!>", "<![CDATA[", "<?php", "<!DOCTYPE x>",
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<a href='javascript:x'>", "<svg/onload=x>", "<style>*{}</style>", "<iframe>", "<b>",
    MARKER, f"\n{MARKER}\n", f"{MARKER}\n<!-- mlci-state passed 4f53cda18c2baa0c -->", "<!-- mlci-state passed 4f53cda18c2baa0c -->",
    "|", "| a |\n| --- |\n", "\n| --- |", "\\|", "\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\x0b", "\t",
    "\n# x\n", "\n- x", "\n1. x", "- [ ] x", "\n---\n", "\n===\n", "\n> x", "    x", "**", "__", "*", "_", "~~", "[^1]", "[^1]: x", "\n[^1]: x\n", "[x]: https://evil.example",
    "[x](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>", "https://evil.example", "www.evil.example", "http://a", "ftp://a.b", "mailto:a@b.co", "a@b.co", "xmpp:a@b.co/x", "//evil.example",
    "$x$", "$$x$$", "$`x`$", r"\(x\)", r"\[x\]", ":tada:", ":+1:", "#ff0000", "`#ff0000`", "\\", "\\@octocat", "&amp;", "&#64;octocat", "&lt;img&gt;", "&", "&#x0;",
    "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\ud800", "\x00", "\x1b[2J", "\x07", "\u3164", "\U000e0041", "e\u0301\u0301\u0301\u0301", "@\u200boctocat", "\u202e@octocat",
    "../../../evil/repo", "..\\evil", "/etc/passwd", "C:\\x", "x" * 3000, "@octocat " * 300, "javascript:alert(1)", "data:text/html,x", "{{7*7}}", "${{ github.token }}", "$(id)", "`id`", "xychart-beta", '"]\nclick x',
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=4).map("".join).filter(bool)
# What GitHub's own filters find in the text that Markdown gave, outside of code.
FOUND_BY_GITHUB = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|://|\bwww\.\w|(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])|:[\w+-]+:|\$\S",
    re.ASCII | re.IGNORECASE,
)
IN_CODE = re.compile(r"\[ \]|\$\$")
CHART = re.compile(r'xychart-beta\n    title "[\w .-]+"\n    x-axis \[[\w", ]+\]\n    y-axis [-.e+\d]+ --> [-.e+\d]+\n    line \[[-.e+\d, ]+\]\n')  # fmt: skip
HIDDEN = {"Cc", "Cf", "Cs"}
PASSIVE = {"onerror", "onload", "onclick", "srcdoc", "src", "style", "action", "formaction"}


class Page(HTMLParser):
    """The tags of a page, its comments and links, and its text outside of code."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tree, self.loose, self.charts, self.comments, self.links, self.attributes = [], [], [], [], [], set()
        self._code, self._pre = 0, False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tree += [tag] if tag not in ("wbr", "a", "code") else []
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.attributes |= {name for name, _ in attrs}
        self._code += tag == "code"
        self._pre = self._pre or tag == "pre"

    def handle_endtag(self, tag):
        self.tree += [f"/{tag}"] if tag not in ("wbr", "a", "code") else []
        self._code -= tag == "code"
        self._pre = self._pre and tag != "pre"

    def handle_data(self, data):
        (self.charts if self._pre else self.loose if not self._code else []).append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def page(markdown):
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, options=options))


def comment(results):
    return render(results, marker=f"{MARKER}\n{state_of(results).line}", links=LINKS, budget=10**9)


@pytest.fixture(scope="session")
def harmless(full_of):
    return page(comment(full_of("harmless words"))).tree


def each_fragment(test):
    for text in FRAGMENTS:
        test = example(text)(test)
    return settings(max_examples=25, deadline=None)(test)


@each_fragment
@given(TEXTS)
def test_comment_has_the_layout_of_a_harmless_one(full_of, harmless, text):
    results = full_of(text)
    markdown = comment(results)
    shown = page(markdown)
    assert shown.tree == harmless
    assert {link for link in shown.links if not link.startswith(LINKS.source)} <= {LINKS.run}
    assert not [piece for piece in shown.loose if FOUND_BY_GITHUB.search(piece)]
    assert CHART.fullmatch("".join(shown.charts[:1])) or len(shown.charts) != 1
    assert all(CHART.fullmatch(chart) for chart in shown.charts)
    assert shown.comments[:2] == [" mlci:default ", state_of(results).line[4:-3]]
    assert set(shown.comments[2:]) <= {" "}
    assert [place for place, line in enumerate(markdown.splitlines()) if "mlci:default" in line] == [0]
    assert not [mark for mark in markdown if mark != "\n" and unicodedata.category(mark) in HIDDEN]


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_step_summary_and_merged_legs_are_as_inert(full_of, text):
    shown = page(render(merge([full_of(text), full_of(f"{text} ")]), links=LINKS, budget=900_000))
    assert {link for link in shown.links if not link.startswith(LINKS.source)} <= {LINKS.run}
    assert not [piece for piece in shown.loose if FOUND_BY_GITHUB.search(piece)]
    assert set(shown.comments) <= {" "}
    assert shown.tree.count("details") == shown.tree.count("/details") > 5
    assert not {"img", "script", "h1", "h2", "h5", "blockquote", "hr", "section", "input"} & set(shown.tree)


@each_fragment
@given(TEXTS)
def test_log_and_annotations_hold_no_command_but_ours(full_of, text):
    results = full_of(text)
    lines = [workflow.log_line(f"mlci: {headline(results)}"), *workflow.annotate(annotations_of(results)), workflow.notice(text)]  # fmt: skip
    for line in lines:
        assert len(re.split("[\r\n\x85\u2028\u2029]", line)) == 1
        assert not re.search(r"##\w*\[", line)
        assert not [mark for mark in line if unicodedata.category(mark) in HIDDEN]
    assert not lines[0].lstrip().startswith("::")
    for line in lines[1:]:
        found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert found
        assert {one.partition("=")[0] for one in found[2].split(",")} <= {"file", "line", "title"}


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_html_page_holds_no_script_and_no_handler(full_of, text):
    markup = html.render(full_of(text), links=LINKS)
    shown = Page(markup)
    assert not {"script", "img", "iframe", "object", "embed", "form", "base", "input", "audio", "video"} & set(
        shown.tree
    )
    assert not PASSIVE & shown.attributes
    assert not [name for name in shown.attributes if name.startswith("on")]
    assert shown.comments == []
    assert {link for link in shown.links if not link.startswith(LINKS.source)} <= {LINKS.run, "data:,"}
    assert "default-src 'none'" in markup
    assert not [mark for mark in markup if mark != "\n" and unicodedata.category(mark) in HIDDEN]


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_other_reports_can_be_read_by_machines(full_of, text):
    results = full_of(text)
    suites = ET.fromstring(junit.render(results))
    assert {one.tag for one in suites.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}  # fmt: skip
    for name, badge in badges.badges(results).items():
        assert re.fullmatch(r"[a-z0-9_-]+\.json", name)
        assert not [mark for mark in json.loads(badge)["label"] if unicodedata.category(mark) in HIDDEN]
    for name, value in outputs.values_of(results).items():
        assert re.fullmatch("[a-z-]+", name)
        assert "\n" not in value


LONG = ["@octocat ", "`", "|\n", "\U000e0041", "</details>", "::error::\n", "<!--"]


@pytest.mark.parametrize("text", LONG)
def test_ten_megabytes_of_texts_are_cut(full_of, text):
    """As many as a file of results can hold."""
    results = full_of((text * 50_000)[:50_000])
    markdown = render(results, marker=MARKER, links=LINKS)
    assert utf16_units(markdown) <= COMMENT_BUDGET
    assert page(markdown).tree.count("details") == page(markdown).tree.count("/details")
    assert len(html.render(results)) < 4_000_000
    assert all(len(line) < 10_000 for line in workflow.annotate(annotations_of(results)))
    assert max(map(len, badges.badges(results).values())) < 1_000


@pytest.mark.parametrize("text", LONG)
def test_one_text_of_ten_megabytes_is_cut(text):
    long = (text * 10_000_000)[:10_000_000]
    check = Check(id=long, status="failed", summary=long, reason=long, where=Where(path=long, line=1))
    change = Change(metric=long, status="failed", slice=long, reason=long, baseline=1.0, candidate=0.5, drop=0.5, max_drop=long)  # fmt: skip
    results = Results(schema=1, mlci=long, project=long, started=long, duration_s=0, verdict="failed", gates=(Gate(name="data", status="failed", reason=long, checks=(check,)),), comparison=Comparison(status="failed", changes=(change,)))  # fmt: skip
    markdown = render(results, marker=MARKER, links=LINKS)
    assert utf16_units(markdown) <= COMMENT_BUDGET
    assert len(headline(results)) < 5_000
    assert len(html.render(results)) < 1_000_000
    assert all(len(line) < 10_000 for line in workflow.annotate(annotations_of(results)))
