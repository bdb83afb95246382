"""`drift:` of an asset: a check for each column, against another asset or the baseline's profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.config.drift import Drift
from mlci.data.asset_checks import Subject
from mlci.data.drift.judging import Judged, Limits, judge
from mlci.data.drift.profiling import counted_like, profile_of
from mlci.data.drift.words import details_of, reason_of, summary_of
from mlci.data.refusals import refusals
from mlci.errors import CannotRun, UsageError, Where, did_you_mean
from mlci.numbers import percent
from mlci.results.model import Check, Status, failed_or_warned
from mlci.results.profile import Profile

if TYPE_CHECKING:
    from mlci.data.assets import Asset


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What an asset is compared with."""

    name: str
    """What messages call it."""
    profile: Profile


def check(subject: Subject) -> Iterator[Check]:
    """Compare every column that the settings ask for, and keep the profile where a baseline is compared with.

    Raises:
        MlciError: the reference cannot be read, or SciPy is missing.
    """
    asset, drift = subject.asset, subject.asset.asset.drift
    assert drift is not None  # noqa: S101 - its kind is only asked where the key is set
    with refusals(subject.batch.engine):
        yield from _checks(subject, asset, drift)


def _checks(subject: Subject, asset: Asset, drift: Drift) -> Iterator[Check]:
    if drift.baseline:
        subject.keep(f"data.{asset.name}", profile_of(subject.batch, _own(subject, drift), subject.rows, private=True))
    if not _own(subject, drift) and not drift.columns:
        raise CannotRun("`exclude` leaves no column to compare", fix="Leave one out of it, or leave out `drift`.")
    if not subject.rows:
        yield _undecided(asset, drift, f"`{asset.asset.shown}` has no rows")
        return
    found = _from_baseline(asset, drift) if drift.baseline else _from_asset(subject, drift)
    if isinstance(found, Check):
        yield found
        return
    yield from _compared(subject, drift, found)


def _own(subject: Subject, drift: Drift) -> list[str]:
    """Return the columns of the asset itself that are compared, in order."""
    wanted = drift.columns or tuple(subject.batch.columns)
    return [name for name in subject.batch.columns if name in wanted and name not in drift.exclude]


def _from_asset(subject: Subject, drift: Drift) -> Reference:
    import narwhals as nw

    from mlci.data.batch import fetch

    name = drift.asset or ""
    if name == subject.asset.name:
        raise UsageError("an asset cannot be its own reference", fix="Name another asset.")
    batch = subject.tables.batch(name)
    rows = int(fetch(batch.frame.select(nw.len()))[0][0])
    if not rows:
        raise CannotRun(f"the reference `{name}` has no rows")
    wanted = [one for one in batch.columns if one not in drift.exclude]
    wanted = [one for one in wanted if not drift.columns or one in drift.columns]
    return Reference(name=f"`{name}`", profile=profile_of(batch, wanted, rows, asked=drift.columns))


def _from_baseline(asset: Asset, drift: Drift) -> Reference | Check:
    found = asset.context.find_baseline()
    if found is None:
        return asset.check(
            "drift",
            "passed",
            f"the distribution of `{asset.asset.shown}` was kept for later runs",
            None,
            asset.where("drift"),
        )
    if found.error:
        raise CannotRun(f"no baseline could be looked for: {found.error}")
    if found.stored is None:
        return _undecided(asset, drift, "there is no baseline to compare with")
    profile = found.stored.profiles.get(f"data.{asset.name}")
    if profile is None or not profile.rows:
        return _undecided(asset, drift, "the baseline has no profile of this asset; `mlci baseline save` writes one")
    broken = [name for name, column in profile.columns.items() if not column.is_whole]
    if broken:
        raise CannotRun(f"the baseline's profile of `{broken[0]}` is no profile", fix="Run `mlci baseline save` again.")
    return Reference(name="the baseline", profile=profile)


def _undecided(asset: Asset, drift: Drift, reason: str) -> Check:
    return asset.check(
        "drift",
        "inconclusive",
        f"drift of `{asset.asset.shown}` was not judged",
        reason,
        asset.where("drift"),
        severity=drift.severity,
    )


def _compared(subject: Subject, drift: Drift, reference: Reference) -> Iterator[Check]:
    own = _own(subject, drift)
    both = [name for name in own if name in reference.profile.columns]
    now = counted_like(reference.profile, subject.batch, both, subject.rows)
    limits = Limits(distance=drift.min_distance, new=drift.max_new, false_alarm_rate=drift.false_alarm_rate)
    judged = judge(reference.profile, now, limits)
    few = bool(judged) and not any(each.least and not each.is_undecided and not each.drifted for each in judged)
    together = [each for each in judged if each.is_undecided] if few else []
    yield from _different_columns(subject, drift, reference, own)
    for each in judged:
        if each not in together:
            yield _check(subject, drift, reference, each)
    if together:
        yield _few(subject.asset, drift, together)


def _check(subject: Subject, drift: Drift, reference: Reference, judged: Judged) -> Check:
    changed = judged.before.holds and judged.now.holds and judged.before.holds != judged.now.holds
    status = failed_or_warned(drift.severity) if judged.drifted or changed else "passed"
    summary, reason = summary_of(judged, reference.name), reason_of(judged, reference.name)
    if changed:
        reason = f"`{judged.name}` holds {judged.now.holds}, and {judged.before.holds} in {reference.name}"
    elif status == "passed" and judged.is_undecided:
        status, reason = "inconclusive", _too_few(judged)
    return subject.asset.check(
        f"drift.{judged.name}",
        status,
        reason if status in ("failed", "warned") and reason else summary,
        None if status == "passed" else reason,
        _where(subject.asset, drift, judged.name),
        severity=drift.severity,
        details=details_of(judged, reference.name),
    )


def _too_few(judged: Judged) -> str:
    before, now = judged.before.present, judged.now.present
    seen = f"only a shift of {percent(judged.least)} of them" if judged.least < 1 else "no shift at all"
    return f"`{judged.name}` has {before:,} and {now:,} values: {seen} could be seen"


def _few(asset: Asset, drift: Drift, judged: Sequence[Judged]) -> Check:
    names = ", ".join(f"`{each.name}`" for each in judged[:10]) + (" …" if len(judged) > 10 else "")  # noqa: PLR2004
    worst = max(judged, key=lambda each: each.least)
    return asset.check(
        "drift",
        "inconclusive",
        f"too few rows to tell whether {names} drifted",
        _too_few(worst),
        asset.where("drift"),
        severity=drift.severity,
    )


def _where(asset: Asset, drift: Drift, column: str) -> Where:
    return (
        asset.where("drift", "columns", drift.columns.index(column))
        if column in drift.columns
        else asset.where("drift")
    )


def _different_columns(subject: Subject, drift: Drift, reference: Reference, own: Sequence[str]) -> Iterator[Check]:
    """Yield a check for each column that one side lacks; a name in the settings that neither has is a mistake."""
    asset, known = subject.asset, reference.profile.columns
    for column in drift.columns or known:
        if column in own or column in drift.exclude:
            continue
        reason = f"`{column}` is in {reference.name} and not in `{asset.asset.shown}`"
        if column not in known:
            advice = did_you_mean(column, subject.batch.columns)
            reason = f"there is no column `{column}`" + (f"; {advice}" if advice else "")
        yield _column(asset, drift, column, failed_or_warned(drift.severity), reason)
    for column in own:
        if column not in known:
            yield _column(
                asset, drift, column, "warned", f"`{column}` is not in {reference.name}: nothing to compare with"
            )
    for column in drift.exclude:
        if column not in subject.batch.columns and column not in known:
            advice = did_you_mean(column, subject.batch.columns)
            reason = f"`exclude` names `{column}`, which is no column" + (f"; {advice}" if advice else "")
            yield _column(asset, drift, column, "warned", reason)


def _column(asset: Asset, drift: Drift, column: str, status: Status, reason: str) -> Check:
    return asset.check(f"drift.{column}", status, reason, reason, _where(asset, drift, column), severity=drift.severity)
