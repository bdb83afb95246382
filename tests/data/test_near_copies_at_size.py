"""Near copies between splits of 100,000 rows: what is planted is found, and nothing else."""

import csv
import itertools
import json
import random
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ROWS = 100_000
PLANTED = 2_000
CONFIG = """version: 1
data:
  train: {path: train.csv, no-overlap-with: {asset: hold, columns: text, near: true}}
  hold: {path: hold.csv, expect: [expect_column_to_exist: {column: text}]}
"""
FORMS = (
    "Thank you for writing to us about {}; we are sorry for the trouble and shall look into it at once.",
    "This review was written for {} and reflects the opinion of a guest who stayed with us, not that of the hotel.",
)


def vocabulary(rng, size):
    return ["".join(rng.choices("abcdefghijklmnoprstuvwyzé", k=rng.randint(2, 9))) for _ in range(size)]


def reworded(rng, text, words):
    """Return a text with two words changed, and other case, punctuation and whitespace."""
    changed = text.split()
    for position in rng.sample(range(len(changed)), 2):
        changed[position] = rng.choice(words)
    dressed = (
        rng.choice((word, word, word.upper(), word.title(), f"{word},", f"({word})", f"{word}!")) for word in changed
    )
    return "".join(word + rng.choice((" ", " ", "  ", "\n", " – ")) for word in dressed)


def bodies(rng, words, weights, amount):
    sizes = [rng.choice((rng.randint(20, 30), rng.randint(20, 80))) for _ in range(amount)]
    drawn = [" ".join(rng.choices(words, cum_weights=weights, k=size)) for size in sizes]
    return [rng.choice(FORMS).format(text) if rng.random() < 0.1 else text for text in drawn]


def write(path, texts):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *enumerate(texts)])


@pytest.mark.parametrize("zipf", [True, False])
def test_planted_copies_are_found(tmp_path, zipf):
    rng = random.Random(20)
    words = vocabulary(rng, 30_000 if zipf else 1_500)
    weights = list(itertools.accumulate(1 / (rank + 1) if zipf else 1 for rank in range(len(words))))
    train, hold = bodies(rng, words, weights, ROWS), bodies(rng, words, weights, ROWS)
    planted = set(zip(rng.sample(range(ROWS), PLANTED), rng.sample(range(ROWS), PLANTED), strict=True))
    for source, target in planted:
        hold[target] = reworded(rng, train[source], words)
    write(tmp_path / "train.csv", train)
    write(tmp_path / "hold.csv", hold)
    (tmp_path / "mlci.yaml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "data"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    checks = json.loads((tmp_path / "mlci-report" / "results.json").read_text())["gates"][0]["checks"]
    (check,) = (one for one in checks if one["id"] == "data.train.no-overlap-with.hold")
    with (tmp_path / "mlci-report" / check["details"]["file"]).open() as file:
        found = {(int(row["row"]) - 1, int(row["other row"]) - 1) for row in csv.DictReader(file)}
    recall, precision = len(found & planted) / len(planted), len(found & planted) / len(found)
    print(f"recall {recall:.4f}, precision {precision:.4f}")
    assert recall >= 0.95
    assert precision >= 0.99
