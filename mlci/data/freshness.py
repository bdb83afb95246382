"""`freshness:` of an asset: how old its newest row is, rows from the future, and gaps between rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mlci.config.drift import Freshness
from mlci.data.asset_checks import Subject
from mlci.data.moments import Moments, NotDates, Sought, moments_of
from mlci.data.refusals import refusals
from mlci.errors import Where
from mlci.expectations.columns import MissingColumn
from mlci.numbers import count
from mlci.results.model import Check, Status, failed_or_warned
from mlci.timespans import said, timespan


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The settings with what they are asked of."""

    subject: Subject
    freshness: Freshness
    now: dt.datetime
    """In UTC."""

    def check(self, part: str, status: Status, summary: str, reason: str | None = None) -> Check:
        """Return a check of the column; what is wrong fails or warns as the settings say."""
        asset, column = self.subject.asset, self.freshness.column
        keys = {"": "max-age", ".future": "max-future", ".gaps": "max-gap"}
        where: Where = asset.where("freshness", keys.get(part, "column"))
        status = failed_or_warned(self.freshness.severity) if status == "failed" else status
        return asset.check(
            f"freshness.{column}{part}", status, summary, reason, where, severity=self.freshness.severity
        )


def check(subject: Subject) -> Iterator[Check]:
    """Look at the dates and times of a column.

    Raises:
        CannotJudge: the column holds no dates or times.
    """
    settings = subject.asset.asset.freshness
    assert settings is not None  # noqa: S101 - its kind is only asked where the key is set
    question = Question(subject=subject, freshness=settings, now=subject.asset.context.now)
    try:
        column = subject.batch.table().column(settings.column)
        for name in settings.by:
            subject.batch.table().column(name)
    except MissingColumn as error:
        yield question.check("", "failed", str(error), str(error))
        return
    sought = Sought(
        limit=question.now + _span(settings.max_future),
        zone=dt.UTC if settings.zone == "UTC" else ZoneInfo(settings.zone),
        format=settings.format,
        gap=_span(settings.max_gap) if settings.max_gap else None,
        by=[subject.batch.columns[name] for name in settings.by],
    )
    try:
        with refusals(subject.batch.engine):
            found = moments_of(subject.batch, column, sought)
    except NotDates as error:
        told = f"`{column.name}`: {error}"
        yield question.check("", "failed", told, told)
        return
    yield from _judged(question, found)


def _judged(question: Question, found: Moments) -> Iterator[Check]:
    settings = question.freshness
    if not found.present:
        told = f"`{settings.column}` has no value: no row says how old it is"
        yield question.check("", "failed", told, told)
        return
    yield _not_ahead(question, found)
    if settings.max_age is not None:
        yield _age(question, found, settings.max_age)
    if settings.max_gap is not None:
        yield _gaps(question, found, settings.max_gap)


def _not_ahead(question: Question, found: Moments) -> Check:
    column, most = question.freshness.column, question.freshness.max_future
    if not found.ahead:
        return question.check(".future", "passed", f"`{column}`: no row lies more than {most} ahead of now")
    told = f"`{column}`: {count(found.ahead, 'row lies', 'rows lie')} more than {most} ahead of now"
    return question.check(".future", "failed", told, f"{told}, of {found.present:,}")


def _age(question: Question, found: Moments, most: str) -> Check:
    column = question.freshness.column
    if found.until is None:
        told = f"`{column}`: every row lies in the future, so none says how old the data is"
        return question.check("", "failed", told, told)
    age = max(dt.timedelta(), question.now - found.until)
    told = f"`{column}`: the newest row is of {found.newest}, {said(age)} old; at most {most} allowed"
    fresh = age <= _span(most)
    return question.check("", "passed" if fresh else "failed", told, None if fresh else told)


def _gaps(question: Question, found: Moments, most: str) -> Check:
    settings = question.freshness
    among = f" of a series by {', '.join(f'`{name}`' for name in settings.by)}" if settings.by else ""
    if not found.gaps:
        told = f"`{settings.column}`: no two neighbouring rows{among} are more than {most} apart"
        return question.check(".gaps", "passed", told)
    gaps = count(found.gaps, "gap is", "gaps are")
    told = f"`{settings.column}`: {gaps} longer than {most}{among}; the longest is {said(found.widest)}"
    return question.check(".gaps", "failed", told, told)


def _span(text: str) -> dt.timedelta:
    return timespan(text) or dt.timedelta()
