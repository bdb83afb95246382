"""Limits on what a change may do to a data file, as checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlci.config.diff import Diff
from mlci.limits import exceeds
from mlci.numbers import count, percent
from mlci.results.model import Check, DataChange, Status, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.assets import Asset
    from mlci.data.diff.rows import KeyProblem

_COMMIT = 10


def unmoved(asset: Asset, settings: Diff, commit: str) -> Iterator[Check]:
    """Yield a passed check for each limit on a file that is the same as at the base."""
    for limit in settings.limits:
        yield _check(asset, settings, limit, "passed", f"`{asset.asset.shown}` is as it was at {commit[:_COMMIT]}")


def unjudged(asset: Asset, settings: Diff, why: str, *, broken: bool = False) -> Iterator[Check]:
    """Yield a check for each limit that could not be held: errored where a comparison was possible and is `broken`."""
    for limit in settings.limits:
        summary = f"`{asset.asset.shown}` was not compared with the base"
        yield _check(asset, settings, limit, "errored" if broken else "skipped", summary, why=why)


def judged(asset: Asset, settings: Diff, change: DataChange, problem: KeyProblem | None) -> Iterator[Check]:
    """Yield a check for each limit."""
    before = change.rows[0] if change.rows else 0
    for limit, number in (("max-added", change.added), ("max-removed", change.removed)):
        if limit in settings.limits:
            yield _rows(asset, settings, limit, number or 0, before)
    if "max-changed" in settings.limits:
        yield _changed(asset, settings, change, problem, before)
    if settings.same_columns:
        yield _columns(asset, settings, change)


def _rows(asset: Asset, settings: Diff, limit: str, number: int, before: int) -> Check:
    bound: float | str = getattr(settings, limit.replace("-", "_"))
    allowed = float(bound.rstrip("% ")) / 100 * before if isinstance(bound, str) else bound
    share = f" ({percent(number / before)} of {before:,})" if before else ""
    verb = {"max-added": "new", "max-removed": "gone", "max-changed": "changed"}[limit]
    summary = f"{count(number, 'row')} of `{asset.asset.shown}` {'is' if number == 1 else 'are'} {verb}{share}"
    if exceeds(number, allowed):
        reason = f"{summary}, at most {bound if isinstance(bound, str) else f'{bound:g}'} allowed"
        return _check(asset, settings, limit, failed_or_warned(settings.severity), summary, why=reason)
    return _check(asset, settings, limit, "passed", summary)


def _changed(asset: Asset, settings: Diff, change: DataChange, problem: KeyProblem | None, before: int) -> Check:
    """Judge the changed rows; a key that the change broke fails, one that was broken before leaves nothing to judge."""
    if problem is None:
        return _rows(asset, settings, "max-changed", change.changed or 0, before)
    broke = problem.side == "now"
    status: Status = failed_or_warned(settings.severity) if broke else "skipped"
    return _check(asset, settings, "max-changed", status, "changed rows could not be counted", why=problem.says)


def _columns(asset: Asset, settings: Diff, change: DataChange) -> Check:
    parts = [
        *(f"column `{name}` is gone" for name in change.columns_removed),
        *(f"column `{name}` is new" for name in change.columns_added),
        *(f"column `{each.column}` was {each.before} and is {each.now}" for each in change.types),
    ]
    if not parts:
        return _check(
            asset, settings, "same-columns", "passed", f"the columns of `{asset.asset.shown}` are as they were"
        )
    status = failed_or_warned(settings.severity)
    return _check(
        asset, settings, "same-columns", status, f"`{asset.asset.shown}`: {', '.join(parts)}", why=", ".join(parts)
    )


def _check(asset: Asset, settings: Diff, limit: str, status: Status, summary: str, *, why: str | None = None) -> Check:
    where = asset.where("diff", limit)
    return asset.check(f"diff.{limit}", status, summary, why, where, severity=settings.severity)
