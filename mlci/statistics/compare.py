"""Comparing the predictions of two models example by example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlci.errors import UsageError
from mlci.metrics import metric as metric_of
from mlci.statistics.comparison import ByExample, Comparison, Requirement, SkippedSlice
from mlci.statistics.encoding import Column, as_floats
from mlci.statistics.examples import Examples, PairedMetric, Part
from mlci.statistics.frames import columns, names_of
from mlci.statistics.judgement import Draft, judge
from mlci.statistics.limits import DEFAULT, Limit, limit_of, refuse_bad_limits, resolve
from mlci.statistics.matching import Match, match, match_by_position, refuse_changed_labels
from mlci.statistics.means import mean_of
from mlci.statistics.measured import NotMeasurableError
from mlci.statistics.paired import Ints
from mlci.statistics.shapes import Side
from mlci.statistics.slicing import Declared, declared_slices
from mlci.statistics.suites import Cases, suite_draft


def compare_predictions(
    baseline: Any,
    candidate: Any,
    *,
    metrics: Iterable[str] | Mapping[str, Mapping[str, Any]],
    slices: Declared = (),
    id: str | None = "id",  # noqa: A002 - the column's usual name
    label: str = "label",
    prediction: str = "prediction",
    score: str = "score",
    max_drop: Limit | Mapping[str, Limit] = DEFAULT,
    suites: Mapping[str, Sequence[Cases]] | None = None,
    false_alarm_rate: float = 0.05,
    cluster: str | None = None,
    positive: Any = None,
    slice_max_drop: Limit | Mapping[str, Limit] | None = None,
    min_slice_size: int = 20,
    require: Requirement = "no-regression",
    values: Mapping[str, ByExample] | None = None,
    group: str | None = None,
) -> Comparison:
    """Judge whether `candidate` is worse than `baseline`, with at most `false_alarm_rate` of harmless changes blocked.

    A gate is a regression only if its drop exceeds `max_drop` and is significant after correction for all gates; a pass
    if its 95 % bound is within `max_drop`, or no prediction changed; inconclusive otherwise.

    Args:
        baseline: predictions before: a pandas, Polars or PyArrow frame, a DuckDB relation or a mapping of columns.
        candidate: predictions now, likewise. Rows are matched by id and only those on both sides are judged.
        metrics: names by scikit-learn, as `f1_macro`; `mlci catalogue metrics` lists them all. Or names with their
            settings, as `{"ndcg": {"k": 10}, "upper": {"metric": "mean_pinball_loss", "alpha": 0.9}}`.
        slices: columns whose every value is a slice, or `{name: SQL expression}` over the candidate's columns.
        id: the column that names an example; None matches rows by position.
        label: the column of true labels or values, which must be the same on both sides.
        prediction: the column of predicted labels or values.
        score: the column with the score or probability of the positive label, or the prefix of one for each class.
        max_drop: how much worse a metric may get in its own unit, or relative to the baseline as `2%`; one for all, or
            a mapping by name, where a metric without entry is shown and not judged and a suite without gets 0.01.
        suites: `{name: (passed before, passed now)}` by case, as sequences in one order or mappings by case id; a third
            member gives each case's cluster, such as its template.
        false_alarm_rate: the share of harmless changes that any gate may call a regression.
        cluster: the column of groups of examples that are right or wrong together, such as a patient or a document.
        positive: the label that binary metrics take for positive; the larger of two when left out.
        slice_max_drop: the same as `max_drop` for slices, where they differ.
        min_slice_size: slices with fewer examples are listed in `skipped` instead of judged.
        require: `non-inferiority` blocks what is not shown to be within its limit.
        values: metrics of your own by name, each the mean of a column that both sides have: a paired t-test.
        group: the column that examples are ranked within, such as a query, for metrics of rankings.

    Raises:
        UsageError: repeated or missing ids, changed labels, a missing column, an unknown metric, nothing in common.

    """
    named, cases, own = _measures(metrics), dict(suites or {}), dict(values or {})
    names = tuple(named)
    if not names and not cases and not own:
        raise UsageError("nothing to compare: neither a metric nor a suite is named.")
    _refuse_bad_arguments(false_alarm_rate, require, (max_drop, slice_max_drop), {*names, *cases, *own})
    tested = [suite_draft(name, pair, limit_of(max_drop, name, default=DEFAULT)) for name, pair in cases.items()]
    if not names and not own:
        return Comparison(
            gates=judge(tested, false_alarm_rate=false_alarm_rate),
            false_alarm_rate=false_alarm_rate,
            n=0,
            require=require,
        )
    found = _match(baseline, candidate, id=id, label=label)
    examples = _examples(
        baseline, candidate, found, label=label, prediction=prediction, score=score,
        cluster=cluster, positive=positive, group=group,
    )  # fmt: skip
    kept, skipped = _kept(declared_slices(baseline, candidate, found, slices), min_slice_size)
    measures = {**named, **_means(baseline, candidate, found, own)}
    of_slices = max_drop if slice_max_drop is None else slice_max_drop
    with threadpool_limits(1, user_api="blas"):  # many small products: threads would wait for each other
        drafts = [*_drafts(Part(examples=examples), None, measures, max_drop), *tested]
        for name, rows in kept:
            drafts += _drafts(Part(examples=examples, rows=rows), name, measures, of_slices)
        gates = judge(drafts, false_alarm_rate=false_alarm_rate)
    return Comparison(
        gates=gates,
        false_alarm_rate=false_alarm_rate,
        n=len(examples),
        only_in_baseline=found.only_in_baseline,
        only_in_candidate=found.only_in_candidate,
        churn=float(examples.changed().mean()),
        skipped=skipped,
        require=require,
    )


def _measures(metrics: Iterable[str] | Mapping[str, Mapping[str, Any]]) -> dict[str, PairedMetric]:
    named = (metrics,) if isinstance(metrics, str) else metrics
    settings = named if isinstance(named, Mapping) else {name: {} for name in named}
    return {name: _paired(name, its) for name, its in settings.items()}


def _paired(name: str, settings: Mapping[str, Any]) -> PairedMetric:
    paired = metric_of(name, settings).paired
    if paired is None:
        raise UsageError(f'the metric "{name}" hangs on single examples and has no paired test.')
    return paired


def _refuse_bad_arguments(
    rate: float, require: str, limits: Sequence[Limit | Mapping[str, Limit]], known: set[str]
) -> None:
    if not 0 < rate < 1:
        raise UsageError(f"false_alarm_rate is {rate}.", fix="Give a share between 0 and 1, as 0.05.")
    if require not in ("no-regression", "non-inferiority"):
        raise UsageError(f'require is "{require}".', fix="Give no-regression or non-inferiority.")
    for each in limits:
        refuse_bad_limits(each, known)


def _match(baseline: Any, candidate: Any, *, id: str | None, label: str) -> Match:  # noqa: A002 - the column's name
    key = id or label
    before = columns(baseline, [key, label], where="baseline")
    after = columns(candidate, [key, label], where="candidate")
    if min(len(before[key]), len(after[key])) == 0:
        raise UsageError(f"nothing to compare: {len(before[key])} examples before, {len(after[key])} now.")
    found = match(before[key], after[key]) if id else match_by_position(len(before[key]), len(after[key]))
    refuse_changed_labels(_rows(before[label], found.baseline), _rows(after[label], found.candidate))
    return found


def _examples(
    baseline: Any,
    candidate: Any,
    found: Match,
    *,
    label: str,
    prediction: str,
    score: str,
    cluster: str | None,
    positive: Any,
    group: str | None,
) -> Examples:
    after = columns(candidate, [label, *filter(None, (cluster, group))], where="candidate")
    return Examples(
        label=_rows(after[label], found.candidate),
        baseline=_side(baseline, found.baseline, prediction, score, where="baseline"),
        candidate=_side(candidate, found.candidate, prediction, score, where="candidate"),
        cluster=_rows(after[cluster], found.candidate) if cluster else None,
        positive=positive,
        prediction=prediction,
        score=score,
        group=_rows(after[group], found.candidate) if group else None,
    )


def _side(frame: Any, rows: Ints | None, prediction: str, score: str, *, where: str) -> Side:
    known = names_of(frame)
    of_class = {name: name.removeprefix(score).lstrip("_:. ") for name in known if name.startswith(score)}
    wanted = {score: ""} if score in known else of_class
    arrays = columns(frame, [*({prediction} & set(known)), *wanted], where=where)
    scores = {key: _rows(arrays[name], rows) for name, key in wanted.items() if arrays[name].dtype.kind in "biuf"}
    return Side(prediction=_rows(arrays[prediction], rows) if prediction in known else None, scores=scores)


def _kept(slices: Iterator[tuple[str, Ints]], smallest: int) -> tuple[list[tuple[str, Ints]], tuple[SkippedSlice, ...]]:
    kept, skipped = [], []
    for name, rows in slices:
        if len(rows) >= max(1, smallest):
            kept.append((name, rows))
        else:
            why = f"fewer than {smallest} examples" if len(rows) else "no example"
            skipped.append(SkippedSlice(slice=name, n=len(rows), reason=why))
    return kept, tuple(skipped)


def _means(baseline: Any, candidate: Any, found: Match, values: Mapping[str, ByExample]) -> dict[str, PairedMetric]:
    """Return what measures each metric that is the mean of a column."""
    wanted = [each.column for each in values.values()]
    if not wanted:
        return {}
    before, after = columns(baseline, wanted, where="baseline"), columns(candidate, wanted, where="candidate")
    return {
        name: mean_of(
            as_floats(_rows(before[each.column], found.baseline), f"{each.column} in the baseline"),
            as_floats(_rows(after[each.column], found.candidate), f"{each.column} in the candidate"),
            higher_is_better=each.higher_is_better,
        )
        for name, each in values.items()
    }


def _drafts(
    part: Part, name: str | None, metrics: Mapping[str, PairedMetric], limits: Limit | Mapping[str, Limit]
) -> list[Draft]:
    return [_draft(part, name, metric, measure, limit_of(limits, metric)) for metric, measure in metrics.items()]


def _draft(part: Part, name: str | None, metric: str, measure: PairedMetric, limit: Limit) -> Draft:
    try:
        measured = measure(part)
    except NotMeasurableError as why:
        shown = limit if limit is None or not isinstance(limit, str) else 0.0
        return Draft(metric=metric, slice=name, kind="metric", n=len(part), max_drop=shown, reason=str(why))
    return Draft(
        metric=metric,
        slice=name,
        kind="metric",
        n=len(part),
        max_drop=resolve(limit, measured.baseline),
        higher_is_better=measured.higher_is_better,
        baseline=measured.baseline,
        candidate=measured.candidate,
        drop=measured.drop,
        evidence=measured.judged(part.clusters),
        part=part,
        measure=measure,
    )


def _rows(column: Column, rows: Ints | None) -> Column:
    return column if rows is None else np.asarray(column[rows])
