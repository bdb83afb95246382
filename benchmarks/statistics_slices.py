"""How often the slice search reports noise, and how often it finds what is planted, beside one who knows where to look.

    python benchmarks/statistics_slices.py [--repetitions 100] [TABLE…]

Tables: noise, planted. The oracle tests the planted slice alone, on all rows, with Fisher's exact test: at 5 %, at 5 %
divided by the number of single conditions (it need not look at pairs), and by the number of pairs. A search that has to
look at all of these can hardly find more than the second finds of single conditions, and the third of pairs.
"""
# ruff: noqa: PLR2004 - a simulation is made of numbers

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import numpy as np

from mlci.model.slice_search import find_slices
from mlci.statistics.discovery.conditions import conditions_of
from mlci.statistics.discovery.confirm import excess_p_value
from mlci.statistics.discovery.words import MOST_WORDS

Features = dict[str, np.ndarray]
ROWS, LEAST = 5_000, 100
BASE_RATES = (0.05, 0.10, 0.15, 0.20)


def features(random: np.random.Generator, n: int) -> Features:
    """Draw two categories, two numbers, a flag and a text of each example."""
    words = np.asarray([*(f"word{number}" for number in range(60)), "deploy"])
    tags, share = np.asarray(["nlp", "vision", "graphs", "mlops", "other"], dtype=object), [0.35, 0.25, 0.1, 0.2, 0.1]
    return {
        "tag": random.choice(tags, n, p=share),
        "country": random.choice(np.asarray(list("abcdefghijklmnopqrst"), dtype=object), n),
        "age": random.integers(18, 90, n),
        "price": random.lognormal(3, 1, n),
        "member": random.random(n) < 0.3,
        "text": np.asarray([" ".join(random.choice(words, random.integers(3, 12))) for _ in range(n)], dtype=object),
    }


PLANTED: dict[str, tuple[Callable[[Features], np.ndarray], tuple[str, ...]]] = {
    "a category": (lambda f: f["tag"] == "graphs", ("tag = graphs",)),
    "a range": (lambda f: f["age"] < 25, ("age <",)),
    "a word": (lambda f: np.asarray(["deploy" in text.split() for text in f["text"]]), ('text contains "deploy"',)),
    "a pair": (lambda f: (f["tag"] == "mlops") & (f["age"] < 54), ("tag = mlops", "age <")),
}


def _wrong(random: np.random.Generator, rate: float) -> np.ndarray:
    return (random.random(1_000) < rate).astype(int)


def _worse(random: np.random.Generator, rate: float) -> np.ndarray:
    return random.choice([-1, 0, 1], 1_000, p=[rate / 2, 1 - rate, rate / 2])


def _losses(random: np.random.Generator, rate: float) -> np.ndarray:
    return random.lognormal(0, 1, 1_000) * (random.random(1_000) < 5 * rate)


NOISE: dict[str, Callable[[np.random.Generator, float], np.ndarray]] = {
    "wrong or right": _wrong,
    "newly wrong or newly right": _worse,
    "losses with a long tail": _losses,
}


def noise(repetitions: int) -> None:
    """Errors that have nothing to do with the features: how often anything is reported."""
    print("\nerrors that are noise, n 1,000: share of data sets where anything is reported, %")
    for kind, draw in NOISE.items():
        for rate in BASE_RATES[:3]:
            reported = 0
            for seed in range(repetitions):
                random = np.random.default_rng(seed)
                drawn = {name: column for name, column in features(random, 1_000).items() if name != "text"}
                reported += bool(find_slices(drawn, draw(random, rate), min_size=50))
            print(f"{kind:27} {rate:.2f}  {100 * reported / repetitions:.1f}", flush=True)


def planted(repetitions: int) -> None:
    """A tenth of the rows with twice the errors: how often it is found and named, and how often the oracle finds it."""
    print(
        "\na tenth with twice the errors, n 5,000: found and named / oracle at 5 %, over conditions, over pairs, in %"
    )
    for rate in BASE_RATES:
        for kind, (where, names) in PLANTED.items():
            named = 0
            known, conditions = [], 1
            for seed in range(repetitions):
                random = np.random.default_rng(seed)
                drawn = features(random, ROWS)
                inside = where(drawn)
                errors = (random.random(ROWS) < np.where(inside, 2 * rate, rate)).astype(float)
                found = find_slices(drawn, errors, min_size=LEAST)
                named += any(all(name in each.name for name in names) for each in found)
                known.append(excess_p_value(errors[inside], errors[~inside]))
                conditions = conditions if seed else len(conditions_of(drawn, smallest=LEAST)) + MOST_WORDS
            choices = (1, conditions, conditions * (conditions - 1) // 2)
            oracle = " / ".join(f"{100 * np.mean(np.asarray(known) <= 0.05 / many):.0f}" for many in choices)
            print(f"error rate {rate:.2f}  {kind:10}  {100 * named / repetitions:.0f}  oracle {oracle}", flush=True)


TABLES: dict[str, Callable[[int], None]] = {"noise": noise, "planted": planted}


def main(arguments: list[str]) -> int:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--repetitions", type=int, default=100)
    options = parser.parse_args(arguments)
    for table in options.tables or TABLES:
        TABLES[table](options.repetitions)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
