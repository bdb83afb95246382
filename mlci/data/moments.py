"""Columns of dates and times, however they are written: the newest, those ahead of a limit, and the gaps between."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.data.drift.features import numbers
from mlci.expectations.columns import CannotJudge, Column, moment
from mlci.numbers import count

_DAY = dt.timedelta(days=1)
_SCALES = {"epoch": 1.0, "epoch-ms": 1_000.0}
_CLOCK = ("%H", "%I", "%M", "%S", "%X", "%c", "%T")
_AT = "mlci moment"
_BEFORE = "mlci before"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is asked of a column."""

    limit: dt.datetime
    """Moments after this one are ahead; in UTC."""
    zone: dt.tzinfo
    """The zone of times without one."""
    format: str | None = None
    """How texts are written, by strftime, or `epoch` or `epoch-ms`."""
    gap: dt.timedelta | None = None
    """Gaps longer than this are looked for."""
    by: Sequence[Column] = ()
    """Columns that name a series."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """What was found."""

    present: int
    """How many rows have a moment."""
    ahead: int
    """How many of them are ahead of the limit."""
    until: dt.datetime | None
    """Until when the newest that is not ahead lasts, in UTC: a date lasts a day."""
    newest: str
    """The newest that is not ahead, as text."""
    gaps: int = 0
    widest: dt.timedelta = dt.timedelta()
    """The widest of the gaps that were looked for."""


class NotDates(CannotJudge):
    """Values of the column are not written as dates."""


def moments_of(batch: Batch, column: Column, sought: Sought) -> Moments:
    """Return what is asked of the moments of a column.

    Raises:
        NotDates: some of its texts are not written as they should be.
        CannotJudge: it holds neither dates nor times.
    """
    if column.kind == "text":
        return _of_texts(batch, column, sought)
    return _of_values(batch, _form_of(column, sought), sought)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """How a column that is not text holds moments."""

    expr: nw.Expr
    seconds: nw.Expr
    limit: Any
    """The limit in the form of its values."""
    until: Callable[[Any], tuple[dt.datetime, str]]


def _form_of(column: Column, sought: Sought) -> _Form:
    if sought.format in _SCALES or column.kind == "empty":
        seconds = column.number.cast(nw.Float64) / _SCALES.get(sought.format or "", 1.0)
        return _Form(
            expr=seconds,
            seconds=seconds,
            limit=sought.limit.timestamp(),
            until=lambda value: _exactly(_from_epoch(value)),
        )
    if column.kind == "date":
        day = sought.limit.astimezone(sought.zone).date()
        return _Form(
            expr=column.expr, seconds=numbers(column), limit=day, until=lambda value: _whole_day(value, sought.zone)
        )
    if column.kind == "datetime":
        limit = sought.limit if column.aware else sought.limit.astimezone(sought.zone).replace(tzinfo=None)
        return _Form(
            expr=column.expr,
            seconds=numbers(column),
            limit=limit,
            until=lambda value: _exactly(_aware(value, sought.zone)),
        )
    advice = "; `format: epoch` takes numbers for seconds since 1970" if column.kind in {"integer", "number"} else ""
    raise CannotJudge(f"column `{column.name}` holds {column.kind} values, no dates{advice}")


def _of_values(batch: Batch, form: _Form, sought: Sought) -> Moments:
    ahead = form.expr > form.limit
    exprs = [
        (~form.expr.is_null()).cast(nw.Int64).sum(),
        ahead.cast(nw.Int64).sum(),
        nw.when(~ahead).then(form.expr).max(),
    ]
    asked = [expr.alias(f"a{position}") for position, expr in enumerate(exprs)]
    present, later, newest = fetch(batch.frame.select(*asked))[0]
    until, shown = (None, "") if newest is None else form.until(newest)
    gaps, widest = _gaps(batch, form.seconds, sought) if sought.gap is not None and present else (0, dt.timedelta())
    return Moments(
        present=int(present or 0), ahead=int(later or 0), until=until, newest=shown, gaps=gaps, widest=widest
    )


def _gaps(batch: Batch, seconds: nw.Expr, sought: Sought) -> tuple[int, dt.timedelta]:
    keys = [f"mlci key {position}" for position in range(len(sought.by))]
    named = [column.expr.alias(key) for column, key in zip(sought.by, keys, strict=True)]
    rows = batch.frame.select(seconds.alias(_AT), *named).filter(~nw.col(_AT).is_null()).unique()
    before = nw.col(_AT).shift(1).over(*keys, order_by=_AT)
    spaced = rows.with_columns(before.alias(_BEFORE)).select((nw.col(_AT) - nw.col(_BEFORE)).alias("w"))
    wide = spaced.filter(nw.col("w") > (sought.gap or dt.timedelta()).total_seconds())
    number, widest = fetch(wide.select(nw.len().alias("n"), nw.col("w").max().alias("most")))[0]
    return int(number or 0), dt.timedelta(seconds=float(widest or 0))


def _of_texts(batch: Batch, column: Column, sought: Sought) -> Moments:
    """Find all of it in Python, over the texts that occur and how often each does."""
    keys = [f"k{position}" for position in range(len(sought.by) if sought.gap is not None else 0)]
    named = [one.expr.alias(key) for one, key in zip(sought.by, keys, strict=False)]
    rows = batch.frame.select(column.text.alias("value"), *named).filter(~nw.col("value").is_null())
    counted = fetch(rows.group_by("value", *keys).agg(nw.len().alias("n")))
    read = _read({row[0] for row in counted}, sought)
    at = {text: _start(value, sought.zone) for text, value in read.items()}
    in_time = {text: value for text, value in read.items() if at[text] <= sought.limit}
    newest = max(in_time, key=at.__getitem__, default=None)
    until, shown = (None, "") if newest is None else _until(read[newest], sought.zone)
    series: dict[Any, set[dt.datetime]] = defaultdict(set)
    for value, *rest in counted:
        series[tuple(rest[:-1])].add(at[value])
    steps = [b - a for each in series.values() for a, b in itertools.pairwise(sorted(each))]
    wide = [step for step in steps if sought.gap is not None and step > sought.gap]
    return Moments(
        present=sum(row[-1] for row in counted),
        ahead=sum(row[-1] for row in counted if at[row[0]] > sought.limit),
        until=until,
        newest=shown,
        gaps=len(wide),
        widest=max(wide, default=dt.timedelta()),
    )


_Read = dt.datetime | dt.date


def _read(texts: Iterable[str], sought: Sought) -> Mapping[str, _Read]:
    read = {text: _parsed(text, sought.format) for text in texts}
    wrong = sum(1 for value in read.values() if value is None)
    if wrong:
        texts = count(wrong, "text is", "texts are")
        if sought.format:
            raise NotDates(f"{texts} not written as `{sought.format}`")
        dates = "no date" if wrong == 1 else "no dates"
        raise NotDates(f'{texts} {dates} by ISO 8601; `format: "%d.%m.%Y"` says how they are written')
    return {text: value for text, value in read.items() if value is not None}


def _parsed(text: str, form: str | None) -> _Read | None:
    try:
        found = moment(text) if form is None else dt.datetime.strptime(text.strip(), form)  # noqa: DTZ007 - see _start
    except ValueError:
        return None
    if found is None:
        return None
    clock = any(sign in form for sign in _CLOCK) if form else len(text.strip()) > len("2024-01-31")
    return found if clock else found.date()


def _start(value: _Read, zone: dt.tzinfo) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return _aware(value, zone)


def _until(value: _Read, zone: dt.tzinfo) -> tuple[dt.datetime, str]:
    if isinstance(value, dt.datetime):
        return _exactly(_start(value, zone))
    return _whole_day(value, zone)


def _whole_day(value: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, str]:
    day = dt.date(value.year, value.month, value.day)
    return dt.datetime.combine(day + _DAY, dt.time(), zone).astimezone(dt.UTC), day.isoformat()


def _aware(value: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)


def _from_epoch(seconds: float) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise NotDates("numbers are too large or too small for seconds since 1970; try `format: epoch-ms`") from None


def _exactly(value: dt.datetime) -> tuple[dt.datetime, str]:
    return value, f"{value:%Y-%m-%d %H:%M} UTC"
