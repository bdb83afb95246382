"""A whole report made of hostile texts, rendered by cmark-gfm, has the layout of one made of harmless texts."""

import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlci.errors import Where
from mlci.reports.inert import utf16_units
from mlci.reports.markdown import COMMENT_BUDGET, Links, headline, marker_of, render
from mlci.results.model import Change, Check, Comparison, Gate, Metric, Receipt, Results, Rung

MARKER = marker_of("default")
LINKS = Links(run="https://github.com/o/r/actions/runs/1", source="https://github.com/o/r/blob/0123456789abcdef/")
FRAGMENTS = [
    "@octocat", "#12", "GH-12", "o/r#1", "::error::x", "##[error]x", "`", "```", "</details>", "<details>", "</table>", "|", "\n", "\r\n",
    "<!--", "-->", MARKER, f"\n{MARKER}\n", "\u202e", "\u200b", "\ud800", "\x1b[2J", "\x00", "https://evil.example", "www.evil.example", "[x](javascript:x)",
    "![x](https://evil.example/x.png)", "<img src=x>", "<script>", "</code>", "**", "_", "\n# x\n", "\n- x", "\n\n", "\\", "&amp;", "&#64;", "../../../evil/repo",
    "$x$", ":tada:", "0123456789abcdef0123456789abcdef01234567", "~~~", "x" * 3000, "e\u0301\u0301\u0301\u0301", "\u2028", "\ufeff", "[^1]", "%0A::error::",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=5).map("".join).filter(bool)
SEEN_BY_GITHUB = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|://|\bwww\.\w|[0-9A-Fa-f]{7}|:\w+:|\$\S", re.ASCII | re.IGNORECASE
)
BALANCED = ("details", "summary", "table", "sub", "code", "ul", "li", "a")


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tree, self.loose, self.comments, self.links, self._in_code = [], [], [], [], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in ("wbr", "a"):
            self.tree.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self._in_code += tag == "code"

    def handle_endtag(self, tag):
        if tag not in ("wbr", "a"):
            self.tree.append(f"/{tag}")
        self._in_code -= tag == "code"

    def handle_data(self, data):
        if not self._in_code:
            self.loose.append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def page(markdown):
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))


def results(text):
    """Return results with `text` in each place that holds text."""
    statuses = ("failed", "errored", "warned", "inconclusive", "skipped", "passed")
    checks = tuple(
        Check(
            id=f"data.{text}",
            status=status,
            summary=text,
            reason=text,
            where=Where(path=text, line=3),
            details={
                "values": {"unexpected_values": [text, 1, None], "observed_value": text},
                "examples": [{text: text}, [text, text]],
                text: text,
            },
        )
        for status in statuses
    )
    changes = tuple(
        Change(
            metric=f"model.m.{text}{number}",
            slice=text,
            status=status,
            baseline=before,
            candidate=0.5,
            drop=0.25,
            max_drop=text,
            n=20,
            higher_is_better=True,
            reason=text,
        )
        for status in statuses
        for number, before in enumerate((0.75, None))
    )
    metrics = (Metric(name=f"metrics.{text}", value=0.5, n=3), Metric(name="metrics.b", value=1, slice=text))
    return Results(
        schema=1,
        mlci=text,
        project=text,
        started=text,
        duration_s=1,
        verdict="errored",
        cell=text,
        commit=text,
        base=text,
        gates=(
            Gate(name="data", status="errored", reason=text, duration_s=1, checks=checks),
            Gate(name="code", status="skipped", reason=text),
            Gate(name="model", status="passed", checks=(Check(id="model.m", status="passed", summary=text),)),
        ),
        metrics=metrics,
        comparison=Comparison(status="failed", reason=text, rule=text, changes=changes),
        baseline=Receipt(
            source=text,
            commit=text,
            created=text,
            commits_behind=2,
            rungs=(Rung(source=text, found=False, note=text), Rung(source=text, found=True, note=text)),
        ),
        fingerprints={text: text},
    )


def rendered(text, *, show_values=True):
    return render(results(text), marker=MARKER, links=LINKS, show_values=show_values, budget=10**9)


def without_code(tree):
    """Leave out inline code, which texts with backticks become."""
    return [tag for tag in tree if tag not in ("code", "/code")]


HARMLESS = without_code(page(rendered("harmless words")).tree)


def inert_examples(test):
    for text in FRAGMENTS:
        test = example(text)(test)
    return settings(max_examples=40, deadline=None)(test)


@inert_examples
@given(TEXTS)
def test_hostile_texts_do_nothing(text):
    markdown = rendered(text)
    shown = page(markdown)
    assert without_code(shown.tree) == HARMLESS
    assert {link for link in shown.links if not link.startswith(LINKS.source)} <= {LINKS.run}
    assert not [link for link in shown.links if "\\" in link or {"..", "."} & set(urlsplit(link).path.split("/"))]
    assert not [piece for piece in shown.loose if SEEN_BY_GITHUB.search(piece)]
    assert set(shown.comments) <= {" ", " mlci:default "}
    assert [number for number, line in enumerate(markdown.splitlines()) if "mlci:default" in line] == [0]
    assert not [mark for mark in markdown if mark != "\n" and unicodedata.category(mark) in {"Cc", "Cf", "Cs"}]


@inert_examples
@given(TEXTS)
def test_headline_of_hostile_texts_can_be_computed(text):
    assert headline(results(text)).startswith("Could not run: ")


@pytest.mark.parametrize(
    "details",
    [
        {"values": ["k3y"]},
        {"values": {"unexpected_values": ["k3y"]}},
        {"values": {"observed_value": "k3y"}},
        {"examples": [{"test": "t", "input": "k3y", "label": ""}]},
        {"examples": [["k3y", "x"]]},
    ],
)
def test_values_of_rows_appear_only_where_the_results_say_so(details):
    secret = Check(id="data.a.b", status="failed", summary="s", reason="r", details=details)
    found = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(Gate(name="data", status="failed", reason="r", checks=(secret,)),))  # fmt: skip
    assert "k3y" not in render(found)
    assert "k3y" in render(replace(found, show_values=True))
    assert "k3y" not in render(replace(found, show_values=True), show_values=False)


@pytest.mark.parametrize("length", [1, 1_000, 100_000])
def test_report_keeps_to_its_budget(length):
    markdown = render(results("\U000e0041@" * length), marker=MARKER, links=LINKS, show_values=True)
    assert utf16_units(markdown) <= COMMENT_BUDGET
    assert_whole(markdown)


@pytest.mark.slow
@pytest.mark.parametrize("budget", range(26_000, 60_000, 1_777))
def test_what_has_no_room_is_left_out_whole_and_counted(budget):
    text = "@a|`b`</details>🙂" * 20
    checks = tuple(
        Check(id=f"data.a.{number}", status="failed", summary=text, reason=f"{number} {text}") for number in range(60)
    )
    many = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(Gate(name="data", status="failed", reason="r", checks=checks),), metrics=results(text).metrics)  # fmt: skip
    markdown = render(many, marker=MARKER, budget=budget, links=LINKS)
    assert utf16_units(markdown) <= budget
    assert_whole(markdown)
    dropped = sum(map(int, re.findall(r"(\d+) of (?:more )?findings", markdown)))
    assert dropped == 59 - markdown.count("❌ **failed**")
    assert dropped or budget > 40_000


def assert_whole(markdown):
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    for tag in BALANCED:
        assert len(re.findall(f"<{tag}[ >]", html)) == html.count(f"</{tag}>"), tag
    assert not re.search(r"&(amp;)?#?\w{0,6}$", markdown, re.MULTILINE)
    assert markdown.count("<details>") == markdown.count("\n</details>")
