"""The cases of a test: what the model is asked, and what for."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.model.behaviour.chance import generator
from mlci.model.behaviour.expectations import Judge
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.perturb import changed, learned
from mlci.model.behaviour.suite import Step, Table, Template, Test, Written
from mlci.model.behaviour.template import fill, fillings

if TYPE_CHECKING:
    from mlci.vocabulary.suites import Maker

TOGETHER = 512
"""Originals of which the project's own perturbations are asked together."""
Row = Mapping[str, Any]
Rows = Callable[[str], Sequence[Row]]
"""Reads a data file into rows; raises `CannotRun` when it cannot."""


class Case(NamedTuple):
    """The inputs of one case, the original first where the test compares with one."""

    inputs: tuple[Any, ...]
    source: str
    """Where it comes from, as `row 12`."""
    label: Any = None
    cluster: Hashable = None
    judge: Judge | None = None
    """Its own expectation, where it differs from the test's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases:
    """All cases of a test, and what was left out of them."""

    cases: tuple[Case, ...]
    no_ops: int = 0
    """Changed inputs that equal their original: left out where a perturbation or template made them."""
    duplicates: int = 0
    """Inputs and cases that repeat another: left out in the same way."""
    missing: int = 0
    """Rows without a value to give to the model: left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Which columns of a data file the model takes when a test does not say."""

    input: str | tuple[str, ...] | None = None
    """A column, or several as a row; every column when left out."""
    leave_out: frozenset[str] = frozenset()
    """Columns that are never given to the model unless they are named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What cases are made from besides the suite itself."""

    rows: Rows
    images: Images
    columns: Columns = field(default_factory=Columns)


def cases_of(test: Test, sources: Sources) -> Cases:
    """Make the cases of `test`; the same ones on every run and machine for the same seed.

    Raises `UsageError` for a column that the data does not have, `CannotRun` for data that cannot be read.
    """
    if test.maker is not None:
        test = replace(test, examples=_made(test, test.maker))
    elif test.examples and not test.chains:
        return _as_written(test)
    originals = [case for case in _originals(test, sources) if case.inputs[0] is not None]
    missing = _count(test, sources.rows) - len(originals) if test.table is not None else 0
    built = _Builder(test=test, images=sources.images).build(originals)
    return Cases(cases=built.cases, no_ops=built.no_ops, duplicates=built.duplicates, missing=missing)


def _made(test: Test, maker: Maker) -> tuple[Written, ...]:
    made = tuple(maker.make(f"{test.seed}:{test.name}"))
    short = next((at for at, one in enumerate(made) if len(one.inputs) < 2), None)  # noqa: PLR2004 - original, variant
    if test.type not in ("MFT", "adversarial") and not test.chains and short is not None:
        raise CannotRun(
            f"case {short + 1} that `generate` made has one input, and there is nothing to compare it with",
            fix="Add `perturb`, or make cases with `inputs`: the original and its variants.",
        )
    return made


def key_of(value: Any) -> Hashable:
    """Return what tells inputs apart: the text itself, or the JSON of anything else."""
    return value if isinstance(value, str) else (json.dumps(value, default=str),)


def _as_written(test: Test) -> Cases:
    """Take examples as a person wrote them: what repeats or changes nothing is counted and still asked."""
    cases = [
        Case(one.inputs, f"example {at + 1}", one.label, at if one.cluster is None else one.cluster, one.judge)
        for at, one in enumerate(test.examples)
    ]
    chosen = tuple(_sampled(cases, test))
    if test.type in ("MFT", "adversarial"):
        return Cases(cases=chosen)
    same = [_same(value, case.inputs[0]) for case in chosen for value in case.inputs[1:]]
    return Cases(cases=() if all(same) else chosen, no_ops=sum(same))


def _same(value: Any, original: Any) -> bool:
    """Whether two inputs are one to the model; NaN equals itself here."""
    return value == original or (type(value) is not str and key_of(value) == key_of(original))


def _sampled(cases: Sequence[Case], test: Test) -> Sequence[Case]:
    if test.sample is None or test.sample >= len(cases):
        return cases
    chosen = generator(test.seed, test.name).sample(range(len(cases)), test.sample)
    return [cases[at] for at in sorted(chosen)]


def _originals(test: Test, sources: Sources) -> Iterator[Case]:
    if test.table is not None:
        yield from _from_table(test, test.table, sources.rows(test.table.path), sources.columns)
    for at, one in enumerate(test.examples):
        yield Case(one.inputs, f"example {at + 1}", one.label, at if one.cluster is None else one.cluster, one.judge)
    for at, template in enumerate(test.templates):
        yield from _from_template(test, template, at)


def _from_table(test: Test, table: Table, rows: Sequence[Row], columns: Columns) -> Iterator[Case]:
    if not rows:
        return
    named = [table.label, test.cluster, *([table.input] if isinstance(table.input, str) else table.input or ())]
    for column in named:
        if column is not None and column not in rows[0]:
            raise CannotRun(
                f'{table.path} has no column "{column}"', where=test.where, fix=did_you_mean(column, rows[0])
            )
    take = _taker(table, test, rows[0], columns)
    for at, row in enumerate(rows):
        cluster = at if test.cluster is None else key_of(row[test.cluster])
        label = None if table.label is None else row[table.label]
        yield Case((take(row),), f"row {at + 1}", label, cluster)


def _taker(table: Table, test: Test, first: Row, columns: Columns) -> Callable[[Row], Any]:
    """Return what makes an input out of a row."""
    wanted = table.input
    if wanted is None:
        wanted = columns.input if _has(first, columns.input) else None
    if isinstance(wanted, str):
        return lambda row: row[wanted]
    left_out = columns.leave_out | {table.label, test.cluster}
    names = wanted or tuple(name for name in first if name not in left_out)
    return lambda row: {name: row[name] for name in names}


def _has(first: Row, columns: str | tuple[str, ...] | None) -> bool:
    return columns is not None and all(
        column in first for column in ([columns] if isinstance(columns, str) else columns)
    )


def _from_template(test: Test, template: Template, at: int) -> Iterator[Case]:
    rng = generator(test.seed, test.name, at)
    draws = fillings(
        [template.body, template.label], test.lexicons,
        rng=rng, sample=test.sample, combine=test.combine, distinct=test.distinct,
    )  # fmt: skip
    for number, values in enumerate(draws):
        filled = fill(template.body, values)
        inputs = tuple(filled) if isinstance(filled, list) else (filled,)
        cluster = number if test.cluster is None else _cluster(test, values)
        if test.cluster is None:
            cluster = (at, number)
        label = fill(template.label, values)
        yield Case(inputs, f"filling {number + 1}", label, cluster)


def _cluster(test: Test, values: Mapping[str, Any]) -> Hashable:
    """Return what a filling of a template has in common with others: all of it, or the entry of one lexicon."""
    if test.cluster is None or test.cluster == "template":
        return test.cluster
    if test.cluster not in values:
        advice = did_you_mean(str(test.cluster), values) or f"its places are {', '.join(values)}, or say template."
        raise UsageError(
            f'`cluster` names "{test.cluster}", which is no place of the template', where=test.where, fix=advice
        )
    return key_of(values[test.cluster])


def _count(test: Test, rows: Rows) -> int:
    return len(rows(test.table.path)) if test.table is not None else 0


class _Builder:
    """Adds the variants to the originals of one test, and leaves out what says nothing."""

    def __init__(self, *, test: Test, images: Images) -> None:
        self.test = test
        self.images = images
        self.no_ops = 0
        self.duplicates = 0
        self.seen: set[Hashable] = set()
        self.cases: tuple[Case, ...] = ()

    def build(self, originals: Sequence[Case]) -> _Builder:
        firsts = [case.inputs[0] for case in originals]
        chains = [learned(chain, firsts) for chain in self.test.chains]
        found: list[tuple[int, Case]] = []
        order = self._order(len(originals))
        for place, at in enumerate(order):
            if self.test.questions is not None and place % TOGETHER == 0:
                self._gather([originals[one] for one in order[place : place + TOGETHER]], chains)
            case = self._with_variants(originals[at], chains)
            if case is not None:
                found.append((at, case))
            if len(found) == self.test.sample:
                break
        self.cases = tuple(case for _, case in sorted(found, key=lambda pair: pair[0]))
        return self

    def _gather(self, originals: Sequence[Case], chains: Sequence[tuple[Step, ...]]) -> None:
        """Ask the project's own perturbations about all variants of `originals` together."""
        if self.test.questions is not None:
            variants = [self._variant(case.inputs[0], chain) for case in originals for chain in enumerate(chains)]
            self.test.questions.gather(each for some in variants for each in some)

    def _variant(self, original: Any, chain: tuple[int, tuple[Step, ...]]) -> Iterator[Callable[[], Any]]:
        """Give for each draw what makes the variant of `original` by the chain with its number."""
        at, steps = chain
        for draw in range(self.test.variants):
            # Seeded by the input itself: a row keeps its variants when others are added before it.
            yield partial(self._made, original, steps, (self.test.seed, self.test.name, at, draw, key_of(original)))

    def _made(self, original: Any, steps: tuple[Step, ...], seeds: tuple[object, ...]) -> Any:
        return changed(original, steps, generator(*seeds), self.images)

    def _order(self, size: int) -> Sequence[int]:
        """Return the order in which originals are looked at: at random when only some are wanted."""
        if self.test.sample is None or self.test.sample >= size:
            return range(size)
        return generator(self.test.seed, self.test.name).sample(range(size), size)

    def _with_variants(self, case: Case, chains: Sequence[tuple[Step, ...]]) -> Case | None:
        inputs = self._changed(case, chains)
        key = (tuple(map(key_of, inputs)), key_of(case.label))
        if len(inputs) == 1 and (chains or self.test.type not in ("MFT", "adversarial")):
            return None
        if key in self.seen:
            self.duplicates += 1
            return None
        self.seen.add(key)
        return case._replace(inputs=inputs)

    def _changed(self, case: Case, chains: Sequence[tuple[Step, ...]]) -> tuple[Any, ...]:
        """Return the original and those variants that differ from it and from one another."""
        original = case.inputs[0]
        kept = {key_of(original): original}
        for variant in [*case.inputs[1:], *self._variants(original, chains)]:
            key = key_of(variant)
            if key == key_of(original):
                self.no_ops += 1
            elif key in kept:
                self.duplicates += 1
            else:
                kept[key] = variant
        return tuple(kept.values())

    def _variants(self, original: Any, chains: Sequence[tuple[Step, ...]]) -> Iterator[Any]:
        return (make() for chain in enumerate(chains) for make in self._variant(original, chain))
