"""Whether labels are as frequent in two assets: a test, guarded by the size of the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from mlci.config.across import SameDistributionAs
from mlci.data.across.joint import alike
from mlci.data.across.overlap import of_other
from mlci.data.across.settings import each_setting, listed
from mlci.data.batch import Batch, fetch
from mlci.errors import Where
from mlci.expectations.columns import CannotJudge, Column
from mlci.limits import exceeds
from mlci.numbers import count, number, percent
from mlci.results.model import Check, failed_or_warned
from mlci.statistics.categorical import absent, chi_square, chi_square_p_value, total_variation

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject

Counts = Mapping[str, int]
MOST_LABELS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Samples:
    """The labels of one column in both assets."""

    column: str
    here: Counts
    there: Counts

    @property
    def sizes(self) -> str:
        return f"{sum(self.here.values()):,} and {count(sum(self.there.values()), 'row')}"


def look(subject: Subject) -> Iterator[Check]:
    """Yield for each other asset whether the values of the columns are as frequent there as here."""

    def judge(setting: SameDistributionAs, part: str, where: Where) -> Iterator[Check]:
        other = subject.tables.batch(setting.asset)
        for name in listed(setting.columns):
            one, two = subject.batch.table().column(name), of_other(other.table(), name, setting.asset)
            samples = _Samples(
                column=name, here=counts_of(subject.batch, one, beside=two), there=counts_of(other, two, beside=one)
            )
            yield _check(subject, setting, f"{part}.{name}", where, samples)

    yield from each_setting(subject, "same_distribution_as", lambda setting: str(setting.asset), judge)


def counts_of(batch: Batch, column: Column, *, beside: Column) -> dict[str, int]:
    """Return how often each value of a column occurs, missing ones left out, in a form that it shares with `beside`.

    Raises:
        CannotJudge: there are none, or so many different ones that they are no labels.
    """
    (form, _), _ = alike(column, beside)
    rows = batch.frame.select(form.cast(nw.String).alias("value")).filter(~nw.col("value").is_null())
    found = fetch(rows.group_by("value").agg(nw.len().alias("n")).head(MOST_LABELS + 1))
    if len(found) > MOST_LABELS:
        raise CannotJudge(f"column `{column.name}` has over {MOST_LABELS:,} different values, which are no labels")
    if not found:
        raise CannotJudge(f"column `{column.name}` has no values")
    return {str(value): int(n) for value, n in found}


def _check(subject: Subject, setting: SameDistributionAs, part: str, where: Where, samples: _Samples) -> Check:
    distance = total_variation(samples.here, samples.there)
    p_value = chi_square_p_value(*chi_square(samples.here, samples.there))
    shifted = exceeds(distance, setting.max_distance) and p_value < setting.false_alarm_rate
    lost = {
        setting.asset: absent(samples.here, samples.there, setting.false_alarm_rate),
        subject.asset.name: absent(samples.there, samples.here, setting.false_alarm_rate),
    }
    summary = (
        f"column `{samples.column}`: {percent(distance)} of the values would have to be others for it to be "
        f"distributed as in `{setting.asset}` ({samples.sizes}, at most {percent(setting.max_distance)} allowed"
    )
    summary += f", p = {p_value:.2g})" if exceeds(distance, setting.max_distance) else ")"
    missing = [f"{count(len(names), 'label')} missing in `{name}`" for name, names in lost.items() if names]
    said = "; ".join([summary, *missing])
    failed = shifted or bool(missing)
    details = {
        "distance": distance,
        "p_value": p_value,
        "labels": len({*samples.here, *samples.there}),
        "values": {"shares": _told(samples.here, samples.there), "missing": {k: v for k, v in lost.items() if v}},
    }
    status = failed_or_warned(setting.severity) if failed else "passed"
    reason = said if failed else None
    return subject.asset.check(part, status, said, reason, where, severity=setting.severity, details=details)


def _told(here: Counts, there: Counts) -> list[str]:
    """Return the shares of the labels that differ most."""
    n, m = sum(here.values()), sum(there.values())
    shares = {name: (here.get(name, 0) / n, there.get(name, 0) / m) for name in {*here, *there}}
    ordered = sorted(shares.items(), key=lambda item: (-abs(item[1][0] - item[1][1]), item[0]))
    return [f"{name}: {number(100 * one)} % here, {number(100 * other)} % there" for name, (one, other) in ordered[:20]]
