"""Patterns of paths, and what of a URL nobody may read."""

from pathlib import Path

import pytest

from mlci.feeding import of_data, touches
from mlci.locations import is_pattern, matches, redacted, secret_in, without_secrets


@pytest.mark.parametrize(
    ("pattern", "file", "matched"),
    [
        ("/d/part-*.csv", "/d/part-1.csv", True),
        ("/d/part-*.csv", "/d/sub/part-1.csv", False),
        ("/d/**/*.csv", "/d/x.csv", True),
        ("/d/**/*.csv", "/d/a/b/x.csv", True),
        ("/d/**", "/d/a/b", True),
        ("/d/[!0-9]?.csv", "/d/ab.csv", True),
        ("/d/[!0-9]?.csv", "/d/1b.csv", False),
        ("/d.e/*", "/dxe/f", False),
    ],
)
def test_patterns(pattern, file, matched):
    assert matches(Path(pattern), Path(file)) is matched


def test_files_that_match_feed_even_when_they_are_gone(tmp_path):
    (tmp_path / "sub").mkdir()
    for lock in ("dvc.lock", "sub/dvc.lock"):
        (tmp_path / lock).write_text("stages: {a: {outs: [{path: out/y.csv}, {path: many}]}}")
    fed = [*of_data(tmp_path, ["data/part-*.csv", "s3://bucket/x.csv", "out/y.csv", "sub/many/*.csv"])]
    pointers = (
        "data/part-9.csv.dvc",
        "data.dvc",
        "out/y.csv.dvc",
        "out.dvc",
        "dvc.lock",
        "sub/dvc.lock",
        "sub/many.dvc",
    )
    for name in ("data/part-9.csv", "out/y.csv", "sub/many/1.csv", *pointers):
        assert touches(frozenset([tmp_path / name]), fed), name
    for name in ("data/other.csv", "x.csv", "bucket/x.csv", ".dvc"):
        assert not touches(frozenset([tmp_path / name]), fed), name


@pytest.mark.parametrize(
    ("url", "shown", "secret"),
    [
        ("s3://bucket/a b.csv", "s3://bucket/a b.csv", None),
        ("https://anna:pw@host:80/x?a=1&token=t", "https://***@host:80/x?a=***&token=***", "a user name or a password"),
        ("https://host/x?sv=1&sig=abc", "https://host/x?sv=***&sig=***", "a secret (`sig`)"),
        ("https://host/x?raw=true", "https://host/x?raw=***", None),
        ("abfs://container@account.host/x", "abfs://container@account.host/x", None),
        ("data/x@y.csv", "data/x@y.csv", None),
    ],
)
def test_secrets_of_urls(url, shown, secret):
    assert redacted(url) == shown
    assert secret_in(url) == secret


def test_secrets_are_taken_out_of_what_libraries_say():
    said = without_secrets("404 for https://h/x?sig=a%2Fb as a/b by anna:pw", "https://anna:pw@h/x?sig=a%2Fb")
    assert said == "404 for https://h/x?*** as *** by ***"


def test_a_question_mark_of_a_web_server_is_no_pattern():
    assert [is_pattern(text) for text in ("https://h/x?a=*", "s3://b/x?.csv", "a?.csv", "a.csv")] == [
        False,
        True,
        True,
        False,
    ]
