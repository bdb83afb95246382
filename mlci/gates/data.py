"""The data gate: what is expected of data files."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.data import asset_checks
from mlci.data.assets import Asset, Tables, asked_of, assets_of, reading_of
from mlci.data.checks import check_of, ids
from mlci.data.suites import Asked
from mlci.errors import CannotRun, MlciError, UsageError
from mlci.gates import Context, Outcome, gate_of
from mlci.results.model import Check, Gate, Metric, Status

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.validation import ExpectationResult

_ROW_COUNT = Asked(name="expect_table_row_count_to_be_between")
"""Asked of every asset beside its own expectations: it passes, and tells the number of rows in the same pass."""


def run(context: Context) -> Outcome:
    """Check every asset of `data:`; one that cannot be read, or of which nothing is expected, is never a pass."""
    started = time.monotonic()
    assets, notes = assets_of(context)
    fed = [asset for asset in assets if asset.is_fed]
    if not fed and not notes:
        reason = "none of the changed files is one of its files" if assets else "the configuration names no data"
        return Outcome(gate=Gate(name="data", status="skipped", reason=reason))
    tables = Tables(assets)
    try:
        looked = [_look(asset, tables) for asset in fed]
    finally:
        tables.close()
    checks = (*(check for each, _ in looked for check in each), *notes)
    metrics = tuple(metric for _, metric in looked if metric)
    gate = gate_of("data", checks, duration_s=time.monotonic() - started)
    if all(check.status == "skipped" for check in checks):
        gate = replace(gate, status="errored", reason=f"a whole gate without its data: {checks[0].reason}")
    return Outcome(gate=gate, metrics=metrics)


def _look(asset: Asset, tables: Tables) -> tuple[list[Check], Metric | None]:
    from mlci.data.pointers import check_pointers
    from mlci.data.sources import NoData

    asset.context.progress(f"data: {asset.name}")
    _forget_rows(asset)
    asked, unread = asked_of(asset)
    summary = f"`{asset.asset.shown}` could not be read"
    try:
        batch = tables.batch(asset.name)
    except NoData as error:
        status: Status = "errored" if asset.asset.require_data else "skipped"
        return [*unread, asset.check("file", status, summary, str(error), error.where)], None
    except MlciError as error:
        where = None if isinstance(error, UsageError) else error.where
        return [*unread, asset.check("file", "errored", summary, str(error), where)], None
    try:
        checks, rows = _validate(asset, batch, asked)
        subject = asset_checks.Subject(asset=asset, batch=batch, rows=rows, tables=tables)
        others = list(asset_checks.look(subject))
    finally:
        tables.release(asset.name)
    metric = Metric(name=f"data.{asset.name}.rows", value=rows, n=rows)
    vacuous = _vacuous(asset, asked, rows, others=[*unread, *others])
    return [*unread, *vacuous, *check_pointers(asset), *checks, *others], metric


def explain(context: Context) -> Iterator[str]:
    """Yield the plan for every asset: a line for each pass over its data, in rounds, as it was carried out.

    Raises:
        MlciError: an asset cannot be read.
    """
    from mlci.data.sources import open_data
    from mlci.data.validation import validate_batch

    for asset in assets_of(context)[0]:
        asked, _ = asked_of(asset)
        yield f"{asset.name}: {len(asked)} expectations of {asset.asset.shown}"
        batch = open_data(reading_of(asset, asked))
        lines: list[str] = []
        try:
            validate_batch(batch, [*asked, _ROW_COUNT], parameters=asset.parameters, told=lines.append)
        finally:
            batch.close()
        yield from (f"  {line}" for line in lines)


def _vacuous(asset: Asset, asked: Sequence[Asked], rows: int, *, others: Sequence[Check]) -> Iterator[Check]:
    if asset.asset.allow_empty:
        return
    if not asked and not others:
        reason = f"`{asset.asset.shown}` is not checked: add `expect:` or `suite:`, or set `allow-empty: true`"
        yield asset.check("expectations", "failed", f"`{asset.asset.shown}` is not checked", reason, asset.where())
    if not rows:
        reason = f"`{asset.asset.shown}` has no rows; set `allow-empty: true` where that is right"
        yield asset.check("rows", "failed", f"`{asset.asset.shown}` has no rows", reason)


def _validate(asset: Asset, batch: Batch, asked: Sequence[Asked]) -> tuple[list[Check], int]:
    from mlci.data.failing_rows import MOST
    from mlci.data.validation import validate_batch

    found = validate_batch(batch, [*asked, _ROW_COUNT], parameters=asset.parameters, limit=MOST).results
    *results, counted = found
    declared = [
        asset.check(f"type.{column}", "failed", f"column `{column}`: {said}", said, asset.where("types", column))
        for column, said in batch.problems
    ]
    checks = [
        check_of(check_id, each, result, batch)
        for check_id, each, result in zip(ids(asset.name, asked), asked, results, strict=True)
    ]
    _export(asset, batch, checks, results)
    if counted.error:
        checks.append(asset.check("rows", "errored", f"`{asset.asset.shown}` could not be read", counted.error))
    return [*declared, *checks], counted.observed_value or 0


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


def _export(asset: Asset, batch: Batch, checks: Sequence[Check], results: Sequence[ExpectationResult]) -> None:
    from mlci.data import failing_rows

    failed = (
        (check.id.removeprefix(f"data.{asset.name}."), result.rows)
        for check, result in zip(checks, results, strict=True)
        if check.status in {"failed", "warned"}
    )
    reasons = failing_rows.reasons_by_row(failed)
    if not reasons:
        return
    try:
        failing_rows.write(_rows_file(asset), batch, reasons)
    except OSError as error:
        raise _unwritable(asset, error) from error
