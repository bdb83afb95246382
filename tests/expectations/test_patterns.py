"""Patterns mean on every engine what Python's `re` makes of them."""

import re

import duckdb
import polars as pl
import pytest

from mlci.data import validate
from mlci.expectations.patterns import like, portable

PATTERNS = [
    *(
        "^a",
        "a$",
        "^$",
        "",
        ".",
        "^.$",
        r"\d+",
        r"^\w+$",
        r"^\W$",
        r"\s",
        r"^\S+$",
        r"[\w.]+@",
        r"[^\d]",
        "[]a]",
        "[^]a]",
    ),
    *("a|b$", "(ab)+", "(?:a|b){2,3}", "(?P<n>a)b", "[a-c$]$", r"\.", r"\\", r"a\Z", r"\Aa", "x*y?", "é", "[à-ÿ]"),
    *(r"\bab\b", "(?=a)a", "(?!a)b", "(?<=a)b", r"(a)\1", "(?i)AB", "(?s)a.b", "(?m)^b$", "a{1,2000}", "a*?b", "^a++"),
]
TEXTS = [
    *(
        "",
        "a",
        "b",
        "ab",
        "abab",
        "a\n",
        "a\nb",
        "\n",
        "1",
        "12",
        "١٢",
        "é",
        "É",
        "ñandú",
        "a b",
        "a\u00a0b",
        " ",
        "\t",
        "\x1c",
    ),
    *("a.b@c", "]", "$", "a$", "\\", ".", "aa", "bb", "ab ba", "x", "xxy", "_", "-", "AB", "日本"),
]
ENGINES = {
    "duckdb": lambda: duckdb.connect().from_arrow(pl.DataFrame({"t": TEXTS}).to_arrow()),
    "polars": lambda: pl.DataFrame({"t": TEXTS}),
    "pandas": lambda: pl.DataFrame({"t": TEXTS}).to_pandas(),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_patterns_match_as_in_python(engine):
    suite = [{"expect_column_values_to_match_regex": {"column": "t", "regex": pattern}} for pattern in PATTERNS]
    results = validate(ENGINES[engine](), suite).results
    found = {
        pattern: result.error or result.unexpected_count for pattern, result in zip(PATTERNS, results, strict=True)
    }
    assert found == {pattern: sum(not re.search(pattern, text) for text in TEXTS) for pattern in PATTERNS}


def test_what_engines_lack_is_left_to_python():
    asked = ["(?=a)", "(?!a)", "(?<=a)b", r"(a)\1", "(?i)a", r"\b", "a++", "(?>a)", "a{1,2000}", "(?m)^a"]
    assert [portable(pattern) for pattern in asked] == [None] * len(asked)


@pytest.mark.parametrize(
    ("pattern", "escape", "matching", "other"),
    [
        ("a%", None, ["a", "abc", "a\nb"], ["ba", "", "A"]),
        ("_b", None, ["ab", "\nb"], ["b", "aab"]),
        ("100!%", "!", ["100%"], ["100", "1000"]),
        ("a.c", None, ["a.c"], ["abc"]),
        ("!!_", "!", ["!a"], ["!", "a"]),
    ],
)
def test_like_patterns(pattern, escape, matching, other):
    regex = re.compile(like(pattern, escape))
    assert [text for text in [*matching, *other] if regex.search(text)] == matching
