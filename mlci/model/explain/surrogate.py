"""A small decision tree in the model's place: how well it agrees, what it splits on, and its rules in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.explain import Surrogate
from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.metrics.proportion import exact_interval
from mlci.metrics.scorer import INSTALL
from mlci.model.behaviour.chance import generator
from mlci.model.measure import Measured
from mlci.numbers import number
from mlci.results.model import Check, Status, failed_or_warned

LEAST = 20
_MOST_VALUES = 20
_MOST_WORDS = 200
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One thing that the tree may split on."""

    source: str
    """The column of the input, or the word."""
    value: Any = None
    """The value that it is or is not; None for a number."""

    def told(self, threshold: float) -> tuple[str, str]:
        """Return what is so on the left and on the right of a split, in words."""
        if self.value is None:
            return f"{self.source} <= {number(threshold)}", f"{self.source} > {number(threshold)}"
        return f"{self.source} is not {self.value}", f"{self.source} is {self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A tree that was fitted."""

    fidelity: float
    """Share of the other half on which it agrees with the model; R² for numbers."""
    interval: tuple[float, float] | None
    n: int
    """Examples of the other half."""
    uses: tuple[str, ...]
    """The columns, or words, that it splits on."""
    rules: tuple[str, ...]


def surrogate(measured: Measured, asked: Surrogate) -> Tree:
    """Fit a tree on a random half of the examples to what the model says, and try it on the other half.

    Raises `CannotRun` for too few examples, for a model with several outputs, and without scikit-learn.
    """
    said = measured.predictions
    if len(said) < LEAST:
        raise CannotRun(f"a tree needs at least {LEAST} examples, and there are {len(said)}")
    if said[0].outputs is not None:
        raise CannotRun("a tree is of one output, and the model has several")
    order = list(range(len(said)))
    generator(measured.model.seed, "surrogate").shuffle(order)
    half = len(order) // 2
    columns, table = encoded(measured.evaluation.inputs, order[:half])
    numbers = isinstance(said[0].label, float)
    tree = _fitted(asked, [table[at] for at in order[:half]], [said[at].label for at in order[:half]], numbers=numbers)
    rest = order[half:]
    guessed, truly = tree.predict([table[at] for at in rest]).tolist(), [said[at].label for at in rest]
    fidelity, interval = _fidelity(guessed, truly, numbers=numbers)
    rules, used = _rules(tree, columns)
    return Tree(fidelity=fidelity, interval=interval, n=len(rest), uses=used, rules=rules)


def _fitted(asked: Surrogate, table: Any, labels: Any, *, numbers: bool) -> Any:
    try:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
    except ImportError:
        raise CannotRun("a surrogate tree needs scikit-learn, which is not installed", fix=INSTALL) from None
    kind = DecisionTreeRegressor if numbers else DecisionTreeClassifier
    return kind(max_depth=asked.depth, min_samples_leaf=max(1, len(labels) // 100), random_state=0).fit(table, labels)


def _fidelity(guessed: Sequence[Any], truly: Sequence[Any], *, numbers: bool) -> tuple[float, Any]:
    if not numbers:
        agree = sum(one == other for one, other in zip(guessed, truly, strict=True))
        return agree / len(truly), exact_interval(agree, len(truly))
    mean = sum(truly) / len(truly)
    spread = sum((one - mean) ** 2 for one in truly)
    missed = sum((one - other) ** 2 for one, other in zip(guessed, truly, strict=True))
    return (1 - missed / spread if spread else float(missed == 0)), None


def encoded(inputs: Sequence[Any], known: Sequence[int]) -> tuple[list[Column], list[list[float]]]:
    """Return inputs as numbers: numbers as they are, the most frequent values and words as 0 or 1.

    Which values and words there are is taken from the examples at `known` alone.
    """
    if isinstance(inputs[0], Mapping):
        columns = [column for name in inputs[0] for column in _columns_of(name, [inputs[at][name] for at in known])]
        return columns, [[_cell(column, row[column.source]) for column in columns] for row in inputs]
    if isinstance(inputs[0], str):
        counted = Counter(word for at in known for word in set(_words(inputs[at])))
        columns = [Column(source=word, value="there") for word, _ in counted.most_common(_MOST_WORDS)]
        texts = [set(_words(text)) for text in inputs]
        return columns, [[float(column.source in words) for column in columns] for words in texts]
    return [Column(source="the input")], [[_number(value)] for value in inputs]


def _columns_of(name: str, values: Sequence[Any]) -> Iterator[Column]:
    if all(isinstance(value, bool | int | float) or value is None for value in values):
        yield Column(source=name)
        return
    for value, _ in Counter(str(value) for value in values).most_common(_MOST_VALUES):
        yield Column(source=name, value=value)


def _cell(column: Column, value: Any) -> float:
    return _number(value) if column.value is None else float(str(value) == column.value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else float("nan")


def _words(text: Any) -> list[str]:
    return [word.lower() for word in _WORD.findall(str(text))]


def _rules(tree: Any, columns: Sequence[Column]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rules of a fitted tree, one a line, indented; and what they split on, from the root down."""
    inner = tree.tree_
    used: list[str] = []

    def lines(node: int, depth: int) -> Iterator[str]:
        if inner.children_left[node] < 0:
            yield f"{'  ' * depth}-> {_leaf(tree, node)} ({inner.n_node_samples[node]} examples)"
            return
        column = columns[inner.feature[node]]
        used.append(column.source)
        left, right = column.told(float(inner.threshold[node]))
        for said, child in ((left, inner.children_left[node]), (right, inner.children_right[node])):
            yield f"{'  ' * depth}{said}"
            yield from lines(child, depth + 1)

    rules = tuple(lines(0, 0))
    return rules, tuple(dict.fromkeys(used))


def _leaf(tree: Any, node: int) -> str:
    values = tree.tree_.value[node][0]
    if not hasattr(tree, "classes_"):
        return number(float(values[0]))
    return str(tree.classes_[values.argmax()])


def surrogate_checks(measured: Measured, asked: Surrogate, tree: Tree) -> Iterator[Check]:
    """Judge a tree: how well it agrees with the model, and that it does not split on what it must not use."""
    status, reason = _faithful(asked, tree)
    said = f"a tree of depth {asked.depth} says what the model says on {tree.fidelity:.1%} of {tree.n} examples"
    if tree.interval is None:
        fit = f"R² = {number(tree.fidelity)} (n = {tree.n})"
        said = f"a tree of depth {asked.depth} explains the model's numbers with {fit}"
    yield Check(
        id=f"model.{measured.name}.surrogate",
        status=failed_or_warned(asked.severity) if status == "failed" else status,
        severity=asked.severity,
        summary=said,
        reason=f"{said}, {reason}" if reason else None,
        where=measured.where("explain", "surrogate"),
        details={
            "fidelity": tree.fidelity, "interval": tree.interval, "min_fidelity": asked.min_fidelity, "n": tree.n,
            "uses": list(tree.uses), "rules": "\n".join(tree.rules) + "\n",
        },
    )  # fmt: skip
    for name in asked.must_not_use:
        yield _unused(measured, asked, tree, name)


def _faithful(asked: Surrogate, tree: Tree) -> tuple[Status, str]:
    low, high = tree.interval or (tree.fidelity, tree.fidelity)
    if high < asked.min_fidelity:
        return "failed", f"below the minimum of {asked.min_fidelity:.1%}"
    if low < asked.min_fidelity:
        return "inconclusive", f"too few to tell whether that is below {asked.min_fidelity:.1%}"
    return "passed", ""


def _unused(measured: Measured, asked: Surrogate, tree: Tree, name: str) -> Check:
    first = measured.evaluation.inputs[0]
    if isinstance(first, Mapping) and name not in first:
        raise UsageError(
            f'the model is given no column "{name}"',
            where=measured.where("explain", "surrogate", "must-not-use"),
            key="explain.surrogate.must-not-use",
            fix=did_you_mean(name, first),
        )
    used = name in tree.uses or name.lower() in tree.uses
    said = f"the tree in the model's place splits on {name}" if used else f"the tree does not split on {name}"
    return Check(
        id=f"model.{measured.name}.surrogate.{name}",
        status=failed_or_warned(asked.severity) if used else "passed",
        severity=asked.severity,
        summary=said,
        reason=f"{said}, which it must not" if used else None,
        where=measured.where("explain", "surrogate", "must-not-use"),
    )
