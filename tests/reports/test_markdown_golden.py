"""The comment, byte for byte, for runs that end in each way."""

import os
from pathlib import Path

import pytest

from mlci.reports.markdown import Links, marker_of, render
from mlci.results.files import read

GOLDEN = Path(__file__).parent / "golden"
RUN = "https://github.com/octo-org/topics/actions/runs/42"
SOURCE = "https://github.com/octo-org/topics/blob/9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c/"


@pytest.mark.parametrize(
    "name",
    ["passing", "failing", "errored", "no-baseline", "sixty-findings", "decided", "stopped", "rules", "inconclusive"],
)
def test_comment_is_as_it_was(name):
    results = read(GOLDEN / f"{name}.json")
    written = render(results, marker=marker_of("default"), links=Links(run=RUN, source=SOURCE))
    golden = GOLDEN / f"{name}.md"
    if os.environ.get("MLCI_WRITE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")
