"""The data gate: what is expected of data files."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.config.data import DataAsset
from mlci.data.checks import check_of, ids
from mlci.data.suites import Asked, named_in, parse_entry, read_suite
from mlci.errors import CannotRun, MlciError, UsageError, Where
from mlci.feeding import of_asset
from mlci.gates import Context, Outcome, gate_of
from mlci.results.model import Check, Gate, Metric, Status

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.sources import Reading
    from mlci.data.validation import ExpectationResult

_ROW_COUNT = Asked(name="expect_table_row_count_to_be_between")
"""Asked of every asset beside its own expectations: it passes, and tells the number of rows in the same pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asset:
    context: Context
    name: str
    asset: DataAsset
    place: Where | None = None
    """Where it is asked for, when that is not `data:` in `mlci.yaml`."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        return self.context.root / self.asset.path

    @property
    def suites(self) -> tuple[str, ...]:
        return (self.asset.suite,) if isinstance(self.asset.suite, str) else self.asset.suite

    def where(self, *key: str | int) -> Where:
        return self.place or self.context.where("data", self.name, *key)

    def check(self, part: str, status: Status, summary: str, reason: str, where: Where | None = None) -> Check:
        check_id = f"data.{self.name}.{part}"
        return Check(id=check_id, status=status, summary=summary, reason=reason, where=where or self.where("path"))


def run(context: Context) -> Outcome:
    """Check every asset of `data:`; one that cannot be read, or of which nothing is expected, is never a pass."""
    started = time.monotonic()
    assets, notes = _assets(context)
    fed = [asset for asset in assets if _fed(asset)]
    if not fed and not notes:
        reason = "none of the changed files is one of its files" if assets else "the configuration names no data"
        return Outcome(gate=Gate(name="data", status="skipped", reason=reason))
    looked = [_look(asset) for asset in fed]
    checks = (*(check for each, _ in looked for check in each), *notes)
    metrics = tuple(metric for _, metric in looked if metric)
    gate = gate_of("data", checks, duration_s=time.monotonic() - started)
    if all(check.status == "skipped" for check in checks):
        gate = replace(gate, status="errored", reason=f"a whole gate without its data: {checks[0].reason}")
    return Outcome(gate=gate, metrics=metrics)


def _assets(context: Context) -> tuple[list[_Asset], list[Check]]:
    """Return the assets of `data:` and of Great Expectations' checkpoints, and what is noted of the latter."""
    assets = [
        _Asset(context=context, name=name, asset=asset, parameters=asset.parameters)
        for name, asset in context.config.data.items()
    ]
    if not context.config.great_expectations:
        return assets, []
    from mlci.data.great_expectations import plan

    found = plan(context.root, context.config.great_expectations, environ=os.environ, where=context.where)
    assets += [
        _Asset(
            context=context,
            name=each.name,
            asset=each.asset,
            place=each.where,
            parameters=each.parameters,
            sources=each.sources,
        )
        for each in found.validations
    ]
    told = (note for note in found.notes if context.feeds(_config_file(context), *note.sources))
    return assets, [
        Check(id=f"data.{note.name}", status=note.status, summary=note.summary, reason=note.reason, where=note.where)
        for note in told
    ]


def _fed(asset: _Asset) -> bool:
    files = asset.sources or of_asset(asset.context.root, asset.asset)
    return asset.context.feeds(_config_file(asset.context), *files)


def _config_file(context: Context) -> Path:
    return context.root / Path(context.where("data").path).name


def _look(asset: _Asset) -> tuple[list[Check], Metric | None]:
    from mlci.data.sources import LfsPointer, open_data

    asset.context.progress(f"data: {asset.name}")
    _forget_rows(asset)
    asked, unread = _asked(asset)
    summary = f"`{asset.asset.path}` could not be read"
    try:
        batch = open_data(_reading(asset, asked))
    except LfsPointer as error:
        return [*unread, asset.check("file", "skipped", summary, str(error), error.where)], None
    except MlciError as error:
        where = None if isinstance(error, UsageError) else error.where
        return [*unread, asset.check("file", "errored", summary, str(error), where)], None
    try:
        checks, rows = _validate(asset, batch, asked)
    finally:
        batch.close()
    metric = Metric(name=f"data.{asset.name}.rows", value=rows, n=rows)
    return [*unread, *_vacuous(asset, asked, rows, unread=unread), *checks], metric


def explain(context: Context) -> Iterator[str]:
    """Yield the plan for every asset: a line for each pass over its data, in rounds, as it was carried out.

    Raises:
        MlciError: an asset cannot be read.
    """
    from mlci.data.sources import open_data
    from mlci.data.validation import validate_batch

    for asset in _assets(context)[0]:
        asked, _ = _asked(asset)
        yield f"{asset.name}: {len(asked)} expectations of {asset.asset.path}"
        batch = open_data(_reading(asset, asked))
        lines: list[str] = []
        try:
            validate_batch(batch, [*asked, _ROW_COUNT], parameters=asset.parameters, told=lines.append)
        finally:
            batch.close()
        yield from (f"  {line}" for line in lines)


def _reading(asset: _Asset, asked: Sequence[Asked]) -> Reading:
    """Return how to read the asset: columns whose names no expectation holds are not looked at."""
    from mlci.data.sources import Reading

    return Reading(
        path=asset.path,
        name=asset.asset.path,
        format=asset.asset.format,
        delimiter=asset.asset.delimiter,
        encoding=asset.asset.encoding,
        null_values=asset.asset.null_values,
        types=asset.asset.types,
        wanted=named_in(asked),
    )


def _asked(asset: _Asset) -> tuple[list[Asked], list[Check]]:
    """Return what is expected of the asset, and a check for each suite that cannot be read."""
    asked: list[Asked] = []
    unread: list[Check] = []
    for suite in asset.suites:
        try:
            found = read_suite(asset.context.root / suite, suite)
        except MlciError as error:
            unread.append(
                asset.check(f"suite.{suite}", "errored", f"`{suite}` could not be read", str(error), error.where)
            )
            continue
        asked += [_filled(each, asset.parameters) for each in found]
        if not found and not asset.asset.allow_empty:
            reason = "the suite has no expectation; set `allow-empty: true` where that is right"
            unread.append(asset.check(f"suite.{suite}", "failed", f"`{suite}` is empty", reason, Where(path=suite)))
    asked += [parse_entry(entry, asset.where("expect", index)) for index, entry in enumerate(asset.asset.expect)]
    return asked, unread


def _filled(asked: Asked, parameters: Mapping[str, Any]) -> Asked:
    """Return the expectation with the values that it leaves open, so that sentences show them."""
    from mlci.data.parameters import filled
    from mlci.expectations.columns import CannotJudge

    if not parameters or asked.problem:
        return asked
    try:
        return replace(asked, kwargs=filled(asked.kwargs, parameters))
    except CannotJudge:
        return asked


def _vacuous(asset: _Asset, asked: Sequence[Asked], rows: int, *, unread: Sequence[Check]) -> Iterator[Check]:
    if asset.asset.allow_empty:
        return
    if not asked and not unread:
        reason = f"`{asset.asset.path}` is not checked: add `expect:` or `suite:`, or set `allow-empty: true`"
        yield asset.check("expectations", "failed", f"`{asset.asset.path}` is not checked", reason, asset.where())
    if not rows:
        reason = f"`{asset.asset.path}` has no rows; set `allow-empty: true` where that is right"
        yield asset.check("rows", "failed", f"`{asset.asset.path}` has no rows", reason)


def _validate(asset: _Asset, batch: Batch, asked: Sequence[Asked]) -> tuple[list[Check], int]:
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
        checks.append(asset.check("rows", "errored", f"`{asset.asset.path}` could not be read", counted.error))
    return [*declared, *checks], counted.observed_value or 0


def _rows_file(asset: _Asset) -> Path:
    return asset.context.out / "failing-rows" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', asset.name)}.csv"


def _forget_rows(asset: _Asset) -> None:
    """Remove the failing rows of an earlier run."""
    try:
        _rows_file(asset).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(asset, error) from error


def _unwritable(asset: _Asset, error: OSError) -> CannotRun:
    return CannotRun(
        f"failing rows cannot be written to {_rows_file(asset)}: {error.strerror}", fix="Choose another --out."
    )


def _export(asset: _Asset, batch: Batch, checks: Sequence[Check], results: Sequence[ExpectationResult]) -> None:
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
