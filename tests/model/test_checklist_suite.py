"""The published sentiment suite, converted to mlci's format, with the stored predictions of VADER."""

import gzip
import json

import pytest

from mlci.model import run_behaviour


def expectation(expect):
    kind, tolerance = expect["kind"], expect.get("tolerance", 0.1)
    if kind == "eq":
        return "label" if expect["val"] is None else {"label": expect["val"]}
    if kind == "not_label":
        return {"not-label": expect["val"]}
    if kind == "inv":
        return {"same-prediction": {"tolerance": tolerance}}
    if kind == "monotonic":
        direction = "increasing" if expect["increasing"] else "decreasing"
        return {"monotonic": {"direction": direction, "tolerance": tolerance}}
    if expect["name"] in ("diff_up", "diff_down"):
        direction = "increasing" if expect["name"] == "diff_up" else "decreasing"
        return {"monotonic": {"direction": direction, "tolerance": 0.1, "score": {"0": -1, "2": 1}}}
    assert expect["name"] == "allow_for_neutral"
    return "label"


def example(line, at):
    labels = line["labels"]
    label = labels[at] if isinstance(labels, list) else labels
    written = {"inputs": line["examples"][at], "label": label}
    if line["expect"].get("name") == "allow_for_neutral" and label == 2:
        written["expect"] = {"not-label": 0}
    return written


def converted(line):
    """Return a test of the corpus in mlci's format, with the cases that its authors ran."""
    wanted = line["paper_run_idxs"] if line["paper_run_idxs"] is not None else range(len(line["examples"]))
    test = {
        "name": line["test"],
        "capability": line["capability"],
        "type": line["type"],
        "expect": expectation(line["expect"]),
        "examples": [example(line, at) for at in wanted],
        "max-failure-rate": 0.1,
    }
    if "only_if" in line["expect"]:
        test["only-if"] = {"not-label": line["expect"]["only_if"]["val"]}
    return test


def stored(tests, lines):
    """Return the stored prediction of each text, in the order of the cases."""
    found = {}
    for test in tests:
        for case in test["examples"]:
            for text in case["inputs"]:
                label, *shares = next(lines).split()
                found[text] = (int(label), [float(share) for share in shares])
    return found


@pytest.mark.slow
def test_all_38_tests_fail_as_often_as_the_original_code_found(corpora):
    folder = corpora / "checklist"
    with gzip.open(folder / "sentiment.jsonl.gz", "rt", encoding="utf-8") as file:
        tests = [converted(json.loads(line)) for line in file]
    with gzip.open(folder / "preds_vader.txt.gz", "rt", encoding="utf-8") as file:
        predictions = stored(tests, file)
    result = run_behaviour({"tests": tests}, lambda texts: [predictions[text] for text in texts])
    golden = json.loads((folder / "golden_vader.json").read_text())
    assert len(result.tests) == len(golden) == 38
    found = {test.name: (test.failed_cases, round(100 * test.failure_rate, 4)) for test in result.tests}
    assert found == {name: (one["fails"], one["fail_rate"]) for name, one in golden.items()}
