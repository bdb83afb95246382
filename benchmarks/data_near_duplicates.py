"""Near copies between two splits: mlci beside MinHash LSH of datasketch, with time, recall and precision of both.

Run `python benchmarks/data_near_duplicates.py [rows]` with datasketch installed. The texts have 20 to 40 words drawn by
Zipf's law; one in a hundred of the second split is a copy with two words, case, punctuation and whitespace changed.
Both are given the same texts; datasketch works on their words (Jaccard similarity from 0.8 on, 128 hashes).
"""

from __future__ import annotations

import csv
import itertools
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 20_000
CONFIG = """version: 1
data:
  train: {path: train.csv, no-overlap-with: {asset: hold, columns: text, near: true}}
  hold: {path: hold.csv, expect: [expect_column_to_exist: {column: text}]}
"""
Pairs = set[tuple[int, int]]


def splits(rows: int) -> tuple[list[str], list[str], Pairs]:
    """Return two splits and the pairs that were planted."""
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwyz", k=rng.randint(3, 9))) for _ in range(20_000)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words))))
    train, hold = (
        [" ".join(rng.choices(words, cum_weights=weights, k=rng.randint(20, 40))) for _ in range(rows)]
        for _ in range(2)
    )
    amount = rows // 100
    planted = set(zip(rng.sample(range(rows), amount), rng.sample(range(rows), amount), strict=True))
    for source, target in planted:
        copy = train[source].split()
        for position in rng.sample(range(len(copy)), 2):
            copy[position] = rng.choice(words)
        hold[target] = "  ".join(rng.choice((word, word.upper(), f"{word},")) for word in copy)
    return train, hold, planted


def by_mlci(folder: Path, train: list[str], hold: list[str]) -> Pairs:
    """Return the pairs that `mlci data` reports, the whole process."""
    for name, texts in (("train", train), ("hold", hold)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["id", "text"], *enumerate(texts)])
    (folder / "mlci.yaml").write_text(CONFIG)
    subprocess.run([sys.executable, "-m", "mlci", "data", "--quiet"], cwd=folder, check=False)
    checks = json.loads((folder / "mlci-report" / "results.json").read_text())["gates"][0]["checks"]
    (file,) = (one["details"]["file"] for one in checks if "no-overlap-with" in one["id"])
    with (folder / "mlci-report" / file).open() as opened:
        return {(int(row["row"]) - 1, int(row["other row"]) - 1) for row in csv.DictReader(opened)}


def by_datasketch(train: list[str], hold: list[str]) -> Pairs:
    """Return the pairs that MinHash LSH meets."""
    from datasketch import MinHash, MinHashLSH

    def digest(text: str) -> MinHash:
        found = MinHash(num_perm=128)
        found.update_batch([word.encode() for word in set(re.findall(r"\w+", text.lower()))])
        return found

    index = MinHashLSH(threshold=0.8, num_perm=128)
    for row, text in enumerate(train):
        index.insert(row, digest(text))
    return {(source, row) for row, text in enumerate(hold) for source in index.query(digest(text))}


def main(rows: int) -> None:
    """Measure both, and print."""
    train, hold, planted = splits(rows)
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, find in (
            ("mlci", lambda: by_mlci(Path(folder), train, hold)),
            ("datasketch", lambda: by_datasketch(train, hold)),
        ):
            started = time.perf_counter()
            found = find()
            times[name] = time.perf_counter() - started
            right = len(found & planted)
            print(
                f"{name}: {times[name]:.1f} s, recall {right / len(planted):.3f}, "
                f"precision {right / max(len(found), 1):.3f}"
            )
    print(f"ratio {times['mlci'] / times['datasketch']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
