"""mlci's own share of the time of a behaviour suite, with a model as fast as VADER in the same process.

    MLCI_CORPORA=… python benchmarks/behaviour_share.py [--tests 38]

Runs all 178,578 texts of the published sentiment suite and prints processor time inside and outside of `predict`. The
share outside is to be at most 20 %.
"""

# ruff: noqa: PLR2004 - a benchmark is made of numbers

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from mlci.model import run_behaviour

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "model"))

LIMIT = 0.2


def suite(folder: Path, tests: int) -> dict[str, Any]:
    """Return the first tests of the suite with all their cases, in mlci's format."""
    from test_checklist_suite import converted

    with gzip.open(folder / "checklist" / "sentiment.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][:tests]
    return {"tests": [converted({**line, "paper_run_idxs": None}) for line in lines]}


class Timed:
    """VADER, and the processor time that was spent in it."""

    def __init__(self) -> None:
        self.analyser = SentimentIntensityAnalyzer()
        self.seconds = 0.0
        self.texts = 0

    def predict(self, texts: list[str]) -> list[tuple[int, list[float]]]:
        """Return label and probabilities of each text."""
        began = time.process_time()
        compounds = [self.analyser.polarity_scores(text)["compound"] for text in texts]
        said = [(_label(c), [max(-c, 0), 1 - abs(c), max(c, 0)]) for c in compounds]
        self.seconds += time.process_time() - began
        self.texts += len(texts)
        return said


def _label(compound: float) -> int:
    return 2 if compound >= 0.05 else 0 if compound <= -0.05 else 1


def main() -> int:
    """Run the suite and print the share; exit code 1 above the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", type=int, default=38)
    folder = Path(os.environ.get("MLCI_CORPORA") or ROOT.parent / "shared" / "corpora")
    written = suite(folder, parser.parse_args().tests)
    inputs = sum(len(case["inputs"]) for test in written["tests"] for case in test["examples"])
    model = Timed()
    began = time.process_time()
    result = run_behaviour(written, model.predict)
    took = time.process_time() - began
    share = (took - model.seconds) / took
    print(f"{len(result.tests)} tests, {inputs:,} texts, {model.texts:,} different ones predicted once each")
    print(
        f"in predict {model.seconds:.1f} s, outside {took - model.seconds:.1f} s of processor time: {share:.1%} outside"
    )
    print(f"at most {LIMIT:.0%}: {'held' if share <= LIMIT else 'NOT HELD'}")
    return int(share > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
