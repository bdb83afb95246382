"""docs/plugins.md says what the code does: its blocks are the files of a project, which is run."""

import re
import sys
from pathlib import Path

import pytest

from mlci.gates.data import run as run_data
from mlci.gates.model import run as run_model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^```\w+\n# ([\w./]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOPICS = """\
def predict(texts):
    delivery = [sum(word in text.lower() for word in ("parcel", "delivery", "arce")) for text in texts]
    return [
        {"label": "delivery", "probabilities": {"delivery": 0.9, "payment": 0.1}}
        if found
        else {"label": "payment", "probabilities": {"delivery": 0.4, "payment": 0.6}}
        for found in delivery
    ]


def share_unsure(labels, predictions, probabilities):
    return sum(max(shares.values()) < 0.7 for shares in probabilities) / len(labels)


def is_question(rows):
    return [row["text"].endswith("?") for row in rows]


def not_less_sure(before, after, *, tolerance):
    return after.probabilities["delivery"] >= before.probabilities["delivery"] - tolerance
"""
SHOPS = "postcode,online,in_store,opened\n1012 AB,0.4,0.6,2024-03-04\n9999ZZ,0.5,0.5,2024-03-05\n1234 AB,0.1,0.8,2024-03-09\n"
HOLDOUT = "text,tag\nmy parcel?,delivery\nthe delivery?,delivery\nan invoice,payment\nshipping,delivery\n"


def files():
    found = dict(BLOCK.findall(PAGE.read_text()))
    assert sorted(found) == ["mlci.yaml", "tests/behaviour/questions.yaml", "tests/mlci_plugins.py"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("interpreter", ["own", "bare"])
def test_the_project_of_the_page_runs(project, interpreter, request):
    python = Path(sys.executable) if interpreter == "own" else request.getfixturevalue("bare")
    blocks = files()
    config = blocks.pop("mlci.yaml").replace("version: 1\n", "")
    context = project(
        config, {**blocks, "topics.py": TOPICS, "data/shops.csv": SHOPS, "data/holdout.csv": HOLDOUT}, python
    )
    postcode, shares, days = run_data(context).gate.checks
    assert (postcode.status, shares.status) == ("passed", "warned")
    assert days.status == ("failed" if interpreter == "own" else "errored")
    if interpreter == "own":
        assert days.reason == "table: it is 1; expected: every shop was opened on a weekday"
    checks = {check.id.split(".", 2)[2]: check for check in run_model(context).gate.checks}
    assert {name: check.status for name, check in checks.items()} == {
        "predict": "passed",
        "cost_of_mistakes": "failed",
        "share_unsure": "failed",
        "cost_of_mistakes.questions": "passed",
        "share_unsure.questions": "passed",
        "behaviour.questions.typing-mistakes-on-a-phone": "passed",
        "behaviour.questions.short-questions": "passed",
        "behaviour.questions.never-less-sure-when-the-word-stands-twice": "passed",
    }
    assert checks["cost_of_mistakes"].details["value"] == 0.75
    assert checks["behaviour.questions.typing-mistakes-on-a-phone"].details["pairs"] > 3
