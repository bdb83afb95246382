"""Untrusted text in GitHub Markdown, rendered by cmark-gfm: it shows what it is and does nothing."""

import re
import string
import unicodedata
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlci.reports.inert import prose, utf16_units, value, visible

HOSTILE = [
    "@octocat", "user@example.org", "#12", "GH-12", "octo/repo#12", "octo/repo@0123456789abcdef0123456789abcdef01234567",
    "0123456789abcdef", "https://evil.example/x", "www.evil.example", "evil.example", "mailto:a@b.example", "xmpp:a@b.example/x",
    "[text](https://evil.example)", "![i](https://evil.example/i.png)", "[text]: https://evil.example", "<https://evil.example>",
    "<a href=https://evil.example>x</a>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</details>", "</code></td>",
    "<!-- mlci:default -->", "-->", "<!--", "`", "``` \n# x", "`code`", "**bold**", "_x_", "~~x~~", "a|b", "| --- |", "\n\n# heading\n\n",
    "\r\n- item", "1. x", "> quote", "=====", "-----", "***", "&lt;b&gt;", "&#64;octocat", "\\@octocat", "$x^2$", "$$x$$", ":smile:", "[^1]",
    "::error::x", "##[error]x", "\x1b[31mred", "\x00", "\u202egnp.exe", "\u200b\u200d\ufeff", "\ud800", "\U000e0041", "\u2028x", "\ufffe", "é́́́́́́",
    "a" * 300, "\t\ttab", " ", "", "\\", "[x]", "- [ ] task", "@" * 50, "#" * 50, "javascript:alert(1)", "[[wiki]]", "@org/team",
]  # fmt: skip
FRAGMENTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=1, max_size=6).map("".join)
AUTOLINKS = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|://|\bwww\.\w|[0-9A-Fa-f]{7}|:\w+:|\$\S|\w@\w|^\W*-->", re.ASCII | re.IGNORECASE
)


class Page(HTMLParser):
    """The tags of a page, its texts outside `code`, and its comments."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.loose, self.code, self.comments, self._in_code = [], [], [], [], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._in_code += tag == "code"

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")
        self._in_code -= tag == "code"

    def handle_data(self, data):
        (self.code if self._in_code else self.loose).append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def page(markdown):
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))


def inert_examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return settings(max_examples=60, deadline=None)(test)


@inert_examples
@given(FRAGMENTS)
def test_value_is_code_and_nothing_else(text):
    shown = page(f"{value(text)} {value(text)}")
    assert shown.tags == ["p", "code", "/code", "code", "/code", "/p"]
    assert "".join(shown.loose).strip() == ""
    assert set(shown.comments) <= {" "}


@inert_examples
@given(FRAGMENTS)
def test_prose_is_text_and_nothing_else(text):
    shown = page(f"Said: {prose(text)} and {prose(text)}.")
    assert shown.tags == ["p", "/p"]
    assert not [piece for piece in shown.loose if AUTOLINKS.search(piece)]
    assert set(shown.comments) <= {" "}


@inert_examples
@given(FRAGMENTS)
def test_table_keeps_its_cells(text):
    shown = page(f"| a | b |\n| --- | --- |\n| {value(text)} | {prose(text)} |\n| 1 | 2 |")
    assert shown.tags.count("td") == 4
    assert shown.tags.count("tr") == 3
    assert "a" not in shown.tags


@inert_examples
@given(FRAGMENTS)
def test_nothing_invisible_is_left(text):
    for shown in (value(text), prose(text)):
        assert not [mark for mark in shown if unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def test_value_shows_the_text_as_it_is():
    text = string.punctuation + "aé漢🙂 x"
    assert "".join(page(value(text)).code) == text


def test_prose_shows_the_text_as_it_is():
    text = "f1 fell to 0.8811 (n = 2,000) at abcdef0123456789: see data/tags.csv, user@example.org & #12"
    assert "".join(page(f"x {prose(text)}").loose).strip() == f"x {text}"


def test_hidden_characters_are_written_out():
    assert visible("a\u202eb\u200bc\ufeff\x1b\x00", limit=50) == "a<U+202E>b<U+200B>c<U+FEFF>␛␀"
    assert visible("\ud83d", limit=50) == "<U+D83D>"
    assert visible("a\r\nb\u2028c", limit=50) == "a b c"


def test_stacked_marks_are_written_out():
    assert visible("e" + "\u0301" * 4, limit=50) == "e\u0301\u0301<U+0301><U+0301>"


def test_long_text_is_cut_first():
    assert visible("x" * 10_000_000, limit=10) == "xxxxxxxxx…"
    assert utf16_units(prose("\U000e0041" * 10_000_000)) < 20_000
    assert utf16_units(value("@" * 10_000_000)) < 10_000


@pytest.mark.parametrize(("text", "units"), [("", 0), ("abc", 3), ("é漢", 2), ("🙂", 2), ("\ud800", 1)])
def test_utf16_units(text, units):
    assert utf16_units(text) == units


def test_empty_value_is_said():
    assert "(empty)" in value("")
