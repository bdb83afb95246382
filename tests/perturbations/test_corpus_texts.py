import gzip
import json
from random import Random

import pytest

from mlci.perturbations import PERTURBATIONS

SETTINGS = {
    "add-text": {"texts": ["Bye."]},
    "replace": {"words": {"flight": "trip"}},
    "synonyms": {"words": {"flight": ["trip", "journey"]}},
}
ALMOST_ALWAYS = {"typos", "punctuation", "case"}


@pytest.fixture(scope="module")
def texts(corpora):
    found = []
    with gzip.open(corpora / "checklist" / "sentiment.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            wanted = line["paper_run_idxs"] if line["paper_run_idxs"] is not None else range(len(line["examples"]))
            found += [text for at in wanted for text in line["examples"][at]]
    assert len(found) == 87_470
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PERTURBATIONS if PERTURBATIONS[name].of == "text"])
def test_87470_texts_are_changed_wherever_the_rule_says_so(texts, name):
    entry, settings = PERTURBATIONS[name], SETTINGS.get(name, {})
    unchanged = 0
    for at, text in enumerate(texts):
        changed = entry(text, Random(at), **settings)
        assert (changed != text) == entry.applies(text, **settings), text
        unchanged += changed == text
    print(f"{name}: {unchanged / len(texts):.2%} unchanged")
    assert name not in ALMOST_ALWAYS or unchanged < len(texts) / 100
