"""The data gate: what is expected of data files."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.config.diff import Diff
from mlci.data import asset_checks
from mlci.data.assets import Asset, Tables, asked_of, assets_of, open_asset, refuse_mistakes
from mlci.data.checks import SHOWN, check_of, ids
from mlci.data.named_columns import missing_columns
from mlci.data.other_tables import OtherTables
from mlci.data.sources.engine import Home
from mlci.data.suites import Asked
from mlci.errors import CannotRun, MlciError, UsageError
from mlci.gates import Context, Outcome, gate_of, plugin_problems
from mlci.results.model import Check, DataChange, Gate, Metric, Status
from mlci.results.profile import Profile

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.diff import Diffs
    from mlci.data.failing_rows import FailingRows
    from mlci.data.validation import ExpectationResult

_ROW_COUNT = Asked(name="expect_table_row_count_to_be_between")
"""Asked of every asset beside its own expectations: it passes, and tells the number of rows in the same pass."""


def run(context: Context) -> Outcome:
    """Check every asset of `data:`; one that cannot be read, or of which nothing is expected, is never a pass."""
    started = time.monotonic()
    assets, notes = assets_of(context)
    fed = [asset for asset in assets if asset.is_fed]
    left_out = [check for check in map(_left_out, fed) if check]
    fed = [asset for asset in fed if f"data.{asset.name}" not in {check.id for check in left_out}]
    if not fed and not notes and not left_out:
        reason = "none of the changed files is one of its files" if assets else "the configuration names no data"
        return Outcome(gate=Gate(name="data", status="skipped", reason=reason))
    home = Home()
    work = _Work(tables=Tables(assets, home.connect), diffs=_diffs(context, home))
    try:
        refuse_mistakes(fed)
        looked = [_look(asset, work) for asset in fed]
        faults = plugin_problems("data", context)
    finally:
        work.tables.close()
        home.close()
        context.end_plugins()
    checks = (*faults, *(check for each in looked for check in each.checks), *notes, *left_out)
    metrics = tuple(each.metric for each in looked if each.metric)
    changes = tuple(each.change for each in looked if each.change)
    gate = replace(gate_of("data", checks, duration_s=time.monotonic() - started), data_changes=changes)
    if not checks:
        gate = replace(gate, reason="nothing is expected of the data, and `allow-empty` lets that be")
    elif fed and all(check.status == "skipped" for check in checks):
        gate = replace(gate, status="errored", reason=f"a whole gate without its data: {checks[0].reason}")
    return Outcome(gate=gate, metrics=metrics, profiles=work.profiles)


def _left_out(asset: Asset) -> Check | None:
    """Return the skipped check of an asset whose condition is not met."""
    what = f"`{asset.asset.shown}`"
    return asset.context.left_out(asset.asset.when, f"data.{asset.name}", what, "data", asset.name, "when")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """What the assets of one run share."""

    tables: Tables
    diffs: Diffs | None
    """None where nothing of the differences from the base is judged, or would be seen."""
    profiles: dict[str, Profile] = field(default_factory=dict)
    """Kept for a baseline, by name."""


def _diffs(context: Context, home: Home) -> Diffs | None:
    if context.in_hook and not any(isinstance(asset.diff, Diff) for asset in context.config.data.values()):
        return None
    from mlci.data.diff import Diffs

    return Diffs(context=context, connect=home.connect)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Looked:
    """What became of an asset."""

    checks: tuple[Check, ...]
    metric: Metric | None = None
    change: DataChange | None = None


def _look(asset: Asset, work: _Work) -> _Looked:
    from mlci.data.pointers import check_pointers
    from mlci.data.sources import NoData

    asset.context.progress(f"data: {asset.name}")
    _forget_rows(asset)
    asked, unread = work.tables.asked(asset.name)
    summary = f"`{asset.asset.shown}` could not be read"
    compares = work.diffs is not None and work.diffs.compares(asset)
    try:
        batch = work.tables.batch(asset.name, whole=compares)
    except NoData as error:
        status: Status = "errored" if asset.asset.require_data else "skipped"
        return _Looked(checks=(*unread, asset.check("file", status, summary, str(error), error.where)))
    except MlciError as error:
        where = None if isinstance(error, UsageError) else error.where
        return _Looked(checks=(*unread, asset.check("file", "errored", summary, str(error), where)))
    try:
        checks, rows = _checks(asset, batch, asked, work)
        change, limits = work.diffs.of(asset, batch) if work.diffs else (None, [])
    finally:
        work.tables.release(asset.name)
    metric = None if rows is None else Metric(name=f"data.{asset.name}.rows", value=rows, n=rows)
    vacuous = _vacuous(asset, asked, rows, others=[*unread, *limits, *checks])
    pointers = check_pointers(asset)
    return _Looked(checks=(*unread, *vacuous, *pointers, *checks, *limits), metric=metric, change=change)


def _checks(asset: Asset, batch: Batch, asked: Sequence[Asked], work: _Work) -> tuple[list[Check], int | None]:
    """Return what became of all that is asked of the rows, with those that fail, and how many rows there are."""
    from mlci.data.failing_rows import FailingRows

    failing = FailingRows(key=asset.asset.key_columns, shown=_kept(asset.context))
    checks, rows = _validate(asset, replace(batch, others=OtherTables(work.tables)), asked, failing)
    subject = asset_checks.Subject(
        asset=asset,
        batch=batch,
        rows=rows or 0,
        tables=work.tables,
        failing_rows=failing,
        keep=work.profiles.__setitem__,
    )
    return _told(asset, batch, [*checks, *asset_checks.look(subject)], failing), rows


def explain(context: Context) -> Iterator[str]:
    """Yield the plan for every asset: a line for each pass over its data, in rounds, as it was carried out.

    Raises:
        MlciError: an asset cannot be read.
    """
    from mlci.data.validation import validate_batch

    for asset in assets_of(context)[0]:
        asked, _ = asked_of(asset)
        yield f"{asset.name}: {len(asked)} expectations of {asset.asset.shown}"
        batch = open_asset(asset, asked)
        lines: list[str] = []
        try:
            validate_batch(batch, [*asked, _ROW_COUNT], parameters=asset.parameters, told=lines.append)
        finally:
            batch.close()
            context.end_plugins()
        yield from (f"  {line}" for line in lines)


def _vacuous(asset: Asset, asked: Sequence[Asked], rows: int | None, *, others: Sequence[Check]) -> Iterator[Check]:
    if asset.asset.allow_empty:
        return
    if not asked and not others:
        reason = f"`{asset.asset.shown}` is not checked: add `expect:` or `suite:`, or set `allow-empty: true`"
        yield asset.check("expectations", "failed", f"`{asset.asset.shown}` is not checked", reason, asset.where())
    if rows == 0:
        reason = f"`{asset.asset.shown}` has no rows; set `allow-empty: true` where that is right"
        yield asset.check("rows", "failed", f"`{asset.asset.shown}` has no rows", reason)


def _validate(
    asset: Asset, batch: Batch, asked: Sequence[Asked], failing: FailingRows
) -> tuple[list[Check], int | None]:
    """Return the checks of the expectations, and how many rows there are where that could be counted."""
    from mlci.data.failing_rows import MOST
    from mlci.data.validation import validate_batch

    most = _kept(asset.context)
    found = validate_batch(batch, [*asked, _ROW_COUNT], parameters=asset.parameters, limit=MOST, shown=most).results
    *results, counted = found
    if asset.context.gx_results:
        _write_gx(asset, results)
    declared = [
        asset.check(f"type.{column}", "failed", f"column `{column}`: {said}", said, asset.where("types", column))
        for column, said in batch.problems
    ]
    checks = [
        check_of(check_id, each, result, shown=most)
        for check_id, each, result in zip(ids(asset.name, asked), asked, results, strict=True)
    ]
    for check, result in zip(checks, results, strict=True):
        if check.status in {"failed", "warned"}:
            failing.add(check.id.removeprefix(f"data.{asset.name}."), result.rows)
    if counted.error:
        checks.append(asset.check("rows", "errored", f"`{asset.asset.shown}` could not be read", counted.error))
    return [*missing_columns(asset, batch), *declared, *checks], None if counted.error else int(counted.observed_value)


def _write_gx(asset: Asset, results: Sequence[ExpectationResult]) -> None:
    """Write what became of the expectations in the shape of Great Expectations."""
    from mlci.data.great_expectations.results import write
    from mlci.data.validation import ValidationResult

    assert asset.context.gx_results  # noqa: S101 - the caller looked
    write(asset.context.gx_results, asset.name, ValidationResult(results=tuple(results)))


def _kept(context: Context) -> int:
    """Return how many failing rows of a check its details name."""
    return max(context.rows, SHOWN)


def _told(asset: Asset, batch: Batch, checks: Sequence[Check], failing: FailingRows) -> list[Check]:
    """Write the failing rows, and return the checks with the lines and keys of theirs."""
    try:
        return failing.finish(batch, checks, _rows_file(asset))
    except OSError as error:
        raise _unwritable(asset, error) from error


def _rows_file(asset: Asset) -> Path:
    return asset.context.out / "failing-rows" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', asset.name)}.csv"


def _forget_rows(asset: Asset) -> None:
    """Remove the failing rows of an earlier run."""
    try:
        _rows_file(asset).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(asset, error) from error


def _unwritable(asset: Asset, error: OSError) -> CannotRun:
    return CannotRun(
        f"failing rows cannot be written to {_rows_file(asset)}: {error.strerror}", fix="Choose another --out."
    )
