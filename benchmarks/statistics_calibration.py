"""How often the paired rule blocks a harmless change and a harmful one, beside the naive rules.

    python benchmarks/statistics_calibration.py [--repetitions 2000] [TABLE…]

Tables: changes, others, gates, power, clusters, creep. Everything is simulated from a seed; set OMP_NUM_THREADS=1 to
leave the other cores alone. Rates are in percent; one of 5 % over 2,000 repetitions has a standard error of 0.5.
"""
# ruff: noqa: PLR2004 - a simulation is made of numbers

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from statistics_simulations import CHANGES, SAME, Change, Frame, binary, many_classes, regression, skilled, suites, tied

from mlci.statistics import Comparison, compare_predictions
from mlci.statistics.suites import suite_draft

RATES = (0.05, 0.01)


def rules(found: Comparison, rate: float) -> Iterator[tuple[str, bool]]:
    """Yield each rule's name and whether it blocks at a false-alarm rate."""
    judged = [gate for gate in found.gates if gate.drop is not None]
    beyond = [gate for gate in judged if (gate.drop or 0.0) > (gate.max_drop or 0.0)]
    yield "paired, corrected", any((gate.adjusted_p_value or 0.0) <= rate for gate in beyond)
    yield "anything > 1 point", any((gate.drop or 0.0) > 0.01 for gate in judged)
    yield "paired, uncorrected", any((gate.p_value or 0.0) <= rate for gate in beyond)
    yield "unpaired 95 % intervals", any(_apart(gate.baseline, gate.candidate, gate.n) for gate in judged)


def _apart(before: float | None, now: float | None, n: int) -> bool:
    """Whether binomial intervals do not overlap, as dashboards often draw them."""
    width = [1.96 * np.sqrt(value * (1 - value) / n) for value in (before or 0.0, now or 0.0)]
    return (before or 0.0) - width[0] > (now or 0.0) + width[1]


def changes(repetitions: int, seed: int) -> None:
    """Whole pull requests: accuracy, F1 and AUC overall and on 9 slices, and 2 suites of 200 cases; 2,000 examples."""
    print("\nwhole changes: share blocked, %")
    for change in CHANGES:
        random = np.random.default_rng(seed)
        blocked: dict[float, Counter[str]] = {rate: Counter() for rate in RATES}
        drops, agreed = np.zeros(3), 0.0
        where = None if change.one_slice == 0 else "part = 0"
        for _ in range(repetitions):
            found = compare_predictions(
                *binary(random, 2_000, change),
                metrics=["accuracy", "f1", "roc_auc"],
                slices=["part"],
                suites=suites(random),
            )
            for rate, counted in blocked.items():
                counted.update(name for name, blocks in rules(found, rate) if blocks)
            drops += [gate.drop for gate in found.gates if gate.slice == where and gate.kind == "metric"]
            agreed += 1 - found.churn
        mean = " ".join(f"{drop * 100:.1f}" for drop in drops / repetitions)
        for rate, counted in blocked.items():
            table = "  ".join(f"{name} {counted[name] / repetitions:6.1%}" for name, _ in rules(found, rate))
            same = f"{agreed / repetitions:.1%} the same"
            print(f"{change.name:21} rate {rate:.2f}  {table}   (points lost: {mean}; {same})", flush=True)


OTHERS: tuple[tuple[str, int, float, float, dict[str, Any]], ...] = (
    ("balanced classes", 2_000, 0.5, SAME, {}),
    ("5 % positive", 2_000, 0.05, SAME, {}),
    ("n 500, slices of 50", 500, 0.28, SAME, {}),
    ("n 10,000", 10_000, 0.28, SAME, {}),
    ("99 % the same", 2_000, 0.28, 0.9985, {}),
    ("80 % the same", 2_000, 0.28, 0.3, {}),
    ("tolerance 0", 2_000, 0.28, SAME, {"max_drop": 0.0}),
    ("slices that overlap", 2_000, 0.28, SAME, {"slices": {f"part <= {k}": f"part <= {k}" for k in range(8)}}),
    ("accuracy alone", 2_000, 0.28, SAME, {"metrics": ["accuracy"]}),
    ("AUC alone", 2_000, 0.28, SAME, {"metrics": ["roc_auc"]}),
    ("no slices", 2_000, 0.28, SAME, {"slices": ()}),
)


def others(repetitions: int, seed: int) -> None:
    """Harmless changes of other kinds: share blocked at 5 % and at 1 %."""
    print("\nharmless changes of other kinds: share blocked at 5 % / 1 %, in %")
    for name, n, positive, same, how in OTHERS:
        random = np.random.default_rng(seed)
        counted: Counter[float] = Counter()
        for _ in range(repetitions):
            before, now = binary(random, n, Change(name=name, same=same), positive)
            found = compare_predictions(
                before, now, **{"metrics": ["accuracy", "f1", "roc_auc"], "slices": ["part"], "positive": 1, **how}
            )
            counted.update(rate for rate in RATES if dict(rules(found, rate))["paired, corrected"])
        print(f"{name:21} " + " / ".join(f"{100 * counted[rate] / repetitions:.1f}" for rate in RATES), flush=True)


GATES: tuple[tuple[str, Callable[[np.random.Generator, int], tuple[Frame, Frame]], tuple[str, ...]], ...] = (
    (
        "binary",
        lambda random, n: binary(random, n, CHANGES[0]),
        (
            "accuracy",
            "f1",
            "f1_macro",
            "precision",
            "recall",
            "balanced_accuracy",
            "matthews_corrcoef",
            "cohen_kappa",
            "roc_auc",
            "average_precision",
            "log_loss",
            "brier_score",
        ),
    ),
    (
        "binary, 5 % positive",
        lambda random, n: binary(random, n, CHANGES[0], positive=0.05),
        (
            "accuracy",
            "f1",
            "f1_macro",
            "precision",
            "recall",
            "matthews_corrcoef",
            "roc_auc",
            "average_precision",
            "log_loss",
        ),
    ),
    ("binary, tied scores", tied, ("roc_auc", "average_precision", "log_loss")),
    (
        "10 classes",
        lambda random, n: many_classes(random, n, 10),
        ("accuracy", "f1_macro", "f1_weighted", "cohen_kappa"),
    ),
    (
        "regression",
        lambda random, n: regression(random, n, heavy=False),
        ("mean_absolute_error", "root_mean_squared_error", "r2"),
    ),
    (
        "regression, heavy tails",
        lambda random, n: regression(random, n, heavy=True),
        ("mean_absolute_error", "root_mean_squared_error"),
    ),
)


def gates(repetitions: int, seed: int) -> None:
    """Single gates without a regression: how often p <= 0.05, and how often the bound is below the true drop of 0."""
    print("\nsingle gates, no regression: false alarms at p <= 5 %, then how often the 95 % bound misses, both in %")
    for name, draw, metrics in GATES:
        for n in (30, 200, 1_000, 10_000):
            random = np.random.default_rng(seed)
            alarms: Counter[str] = Counter()
            misses: Counter[str] = Counter()
            rounds = repetitions if n <= 1_000 else repetitions // 2
            for _ in range(rounds):
                before, now = draw(random, n)
                found = compare_predictions(before, now, metrics=metrics, positive=1)
                alarms.update(
                    gate.metric for gate in found.gates if (gate.p_value or 0.0) <= 0.05 and gate.p_value is not None
                )
                misses.update(
                    gate.metric for gate in found.gates if gate.upper_bound is not None and gate.upper_bound < 0
                )
            print(
                f"{name:24} n {n:6,}  "
                + "  ".join(f"{m} {100 * alarms[m] / rounds:.1f}/{100 * misses[m] / rounds:.1f}" for m in metrics),
                flush=True,
            )


def power(repetitions: int, seed: int) -> None:
    """One accuracy gate, tolerance 1 point: share blocked at a true drop, 2 % of the examples flipping either way."""
    print("\none accuracy gate, tolerance 1 point: naive / rule blocked, %")
    for n, drops in ((200, (0, 0.02, 0.05)), (1_000, (0, 0.01, 0.02)), (10_000, (0, 0.005, 0.01, 0.02))):
        cells = []
        for drop in drops:
            random = np.random.default_rng(seed)
            naive = ruled = 0
            for _ in range(repetitions):
                kind = random.choice(3, n, p=[0.02 + drop, 0.02, 0.96 - drop])
                was = np.where(kind == 0, True, np.where(kind == 1, False, random.random(n) < 0.85))
                now = np.where(kind == 0, False, np.where(kind == 1, True, was))
                frames = (
                    {"id": np.arange(n), "label": np.ones(n, int), "prediction": right.astype(int)}
                    for right in (was, now)
                )
                gate = compare_predictions(*frames, metrics=["accuracy"]).gates[0]
                naive += (gate.drop or 0.0) > 0.01 + 1e-12
                ruled += gate.verdict == "regression"
            cells.append(f"{drop * 100:g} pt: {100 * naive / repetitions:.0f}/{100 * ruled / repetitions:.0f}")
        print(f"n {n:6,}  " + "   ".join(cells), flush=True)


def clusters(repetitions: int, seed: int) -> None:
    """Examples of a cluster that change together, and cases of one template: false alarms with and without clusters."""
    print("\nclusters that change together: false alarms at p <= 5 %, clusters known / ignored")
    for groups, uneven in ((20, False), (20, True), (100, False), (100, True)):
        random = np.random.default_rng(seed)
        known: Counter[str] = Counter()
        ignored: Counter[str] = Counter()
        for _ in range(repetitions):
            sizes = random.geometric(0.1, groups) if uneven else np.full(groups, 10)
            cluster = np.repeat(np.arange(groups), sizes)
            shared, _ = binary(random, len(cluster), CHANGES[0])
            first, moved = (skilled(shared, random.normal(size=groups)[cluster]) for _ in range(2))
            for found, to in (("cluster", known), (None, ignored)):
                frames = ({**frame, "cluster": cluster} for frame in (first, moved))
                result = compare_predictions(*frames, metrics=["accuracy", "f1", "roc_auc"], cluster=found, positive=1)
                to.update(
                    gate.metric for gate in result.gates if (gate.p_value if gate.p_value is not None else 1) <= 0.05
                )
        text = "  ".join(
            f"{m} {100 * known[m] / repetitions:.1f}/{100 * ignored[m] / repetitions:.1f}"
            for m in ("accuracy", "f1", "roc_auc")
        )
        print(f"{groups:4} clusters {'of uneven size' if uneven else 'of 10'}  {text}", flush=True)
    _templates(repetitions, seed)


def _templates(repetitions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    known = ignored = 0
    for _ in range(repetitions):
        template = np.repeat(np.arange(20), 10)
        flips = random.choice(3, 20, p=[0.05, 0.05, 0.9])[template]
        passed = random.random(200) < 0.9
        before, now = (
            np.where(flips == 0, True, np.where(flips == 1, False, passed)),
            np.where(flips == 0, False, np.where(flips == 1, True, passed)),
        )
        known += suite_draft("s", (before, now, template), 0.0).evidence.p_value <= 0.05  # type: ignore[union-attr]
        ignored += suite_draft("s", (before, now), 0.0).evidence.p_value <= 0.05  # type: ignore[union-attr]
    print(
        f"suite of 20 templates of 10 cases  {100 * known / repetitions:.1f}/{100 * ignored / repetitions:.1f}",
        flush=True,
    )


def creep(repetitions: int, seed: int) -> None:
    """Forty changes of -0.25 point each, judged against the last merge, and against a pinned anchor as well."""
    print("\nforty changes of -0.25 point, n 10,000: points lost before one is blocked, mean and 95th percentile")
    for name, anchored in (("last merge only", False), ("and an anchor", True)):
        lost = []
        for repetition in range(max(20, repetitions // 20)):
            random = np.random.default_rng(seed + repetition)
            lost.append(_lost(random, anchored=anchored))
        print(f"{name:16}  {np.mean(lost):.2f}  {np.quantile(lost, 0.95):.2f}", flush=True)


def _lost(random: np.random.Generator, *, anchored: bool, n: int = 10_000) -> float:
    right = random.random(n) < 0.9
    anchor, rate = right.copy(), 0.025 if anchored else 0.05
    for step in range(1, 41):
        now = right.copy()
        now[random.choice(np.flatnonzero(right), int(n * 0.0075), replace=False)] = False
        now[random.choice(np.flatnonzero(~right), int(n * 0.005), replace=False)] = True
        for before in (right, anchor) if anchored else (right,):
            frames = (
                {"id": np.arange(n), "label": np.ones(n, int), "prediction": side.astype(int)} for side in (before, now)
            )
            if compare_predictions(*frames, metrics=["accuracy"], false_alarm_rate=rate).verdict == "regression":
                return 0.25 * (step - 1)
        right = now
    return 10.0


TABLES: dict[str, Callable[[int, int], None]] = {
    "changes": changes,
    "others": others,
    "gates": gates,
    "power": power,
    "clusters": clusters,
    "creep": creep,
}


def main(arguments: list[str]) -> int:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--repetitions", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20_260_101)
    options = parser.parse_args(arguments)
    for table in options.tables or TABLES:
        TABLES[table](options.repetitions, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
