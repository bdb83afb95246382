"""The assets of a run: what `data:` and the checkpoints of Great Expectations ask for, and their open tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.config.data import READ_WITH, DataAsset, GreatExpectations
from mlci.data.sources.engine import Engine, connect
from mlci.data.suites import Asked, named_in, parse_entry, read_suite
from mlci.errors import CannotRun, ConfigError, MlciError, UsageError, Where, did_you_mean
from mlci.feeding import of_asset, of_plugins, referred
from mlci.gates import Context
from mlci.results.model import Check, Severity, Status

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.sources import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """An asset with its name and the run that it belongs to."""

    context: Context
    name: str
    asset: DataAsset
    place: Where | None = None
    """Where it is asked for, when that is not `data:` in `mlci.yaml`."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()
    """The files behind it, where they are not those that its keys name."""

    @property
    def path(self) -> Path:
        """Where its data lies; the first of several."""
        return self.root.joinpath(*self.asset.paths[:1])

    @property
    def root(self) -> Path:
        """The folder that its paths are relative to.

        Raises:
            CannotRun: it is an output of a pipeline that did not run to its end.
        """
        if self.asset.pipeline is None:
            return self.context.root
        ran = self.context.pipelines.run(self.asset.pipeline)
        if not ran.is_done:
            raise CannotRun(f"is an output of the pipeline {self.asset.pipeline}, which did not run to its end")
        return ran.folder

    @property
    def suites(self) -> tuple[str, ...]:
        """Its suite files."""
        return (self.asset.suite,) if isinstance(self.asset.suite, str) else self.asset.suite

    @property
    def is_fed(self) -> bool:
        """Whether one of its files is among those that the run is limited to."""
        if self.asset.pipeline is not None:
            return self.context.files is None  # what a commit touches does not tell what the pipeline writes
        files = self.sources or of_asset(self.context.root, self.asset, self.context.config.data)
        plugins = of_plugins(self.context.root, self.context.config.own.modules)
        return self.context.feeds(config_file(self.context), *files, *plugins)

    def where(self, *key: str | int) -> Where:
        """Return the place of one of its keys."""
        return self.place or self.context.where("data", self.name, *key)

    def check(
        self,
        part: str,
        status: Status,
        summary: str,
        reason: str | None,
        where: Where | None = None,
        *,
        severity: Severity = "error",
        details: Mapping[str, Any] | None = None,
    ) -> Check:
        """Return a check of the asset, called `data.<asset>.<part>`."""
        return Check(
            id=f"data.{self.name}.{part}",
            status=status,
            severity=severity,
            summary=summary,
            reason=reason,
            where=where or self.where("path"),
            details=details or {},
        )


def config_file(context: Context) -> Path:
    """Return the path of `mlci.yaml`."""
    return context.root / Path(context.where("data").path).name


def assets_of(context: Context) -> tuple[list[Asset], list[Check]]:
    """Return the assets of `data:` and of Great Expectations' checkpoints, and what is noted of the latter."""
    assets = [
        Asset(context=context, name=name, asset=asset, parameters=asset.parameters)
        for name, asset in context.config.data.items()
    ]
    if not context.config.great_expectations:
        return assets, []
    from mlci.data.great_expectations import plan

    projects, left_out = _projects(context)
    found = plan(context.root, projects, environ=os.environ, where=context.where)
    assets += [
        Asset(
            context=context,
            name=each.name,
            asset=each.asset,
            place=each.where,
            parameters=each.parameters,
            sources=each.sources,
        )
        for each in found.validations
    ]
    told = (note for note in found.notes if context.feeds(config_file(context), *note.sources))
    return assets, [
        *left_out,
        *(
            Check(
                id=f"data.{note.name}", status=note.status, summary=note.summary, reason=note.reason, where=note.where
            )
            for note in told
        ),
    ]


def _projects(context: Context) -> tuple[tuple[str | GreatExpectations, ...], list[Check]]:
    """Return the projects of Great Expectations whose condition is met, and a skipped check of each other one."""
    kept, left_out = [], []
    for index, project in enumerate(context.config.great_expectations):
        if isinstance(project, str) or project.when is None:
            kept.append(project)
            continue
        name = f"data.{project.project.strip('./') or 'great_expectations'}"
        key = ("great-expectations", index, "when")
        check = context.left_out(project.when, name, f"the project in `{project.project}`", *key)
        left_out += [check] if check else []
        kept += [] if check else [project]
    return tuple(kept), left_out


def asked_of(asset: Asset) -> tuple[list[Asked], list[Check]]:
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
    if asset.context.config.own.modules:
        from mlci.vocabulary.expectations import resolved

        asked = resolved(asked, asset.context.vocabulary)
    return asked, unread


def refuse_mistakes(assets: Sequence[Asset]) -> None:
    """Raise `ConfigError` for what `mlci.yaml` asks wrongly of the project's own expectations.

    What it asks wrongly of built-in ones is found when it is read; mistakes in suite files are results.
    """
    problems = [
        UsageError(asked.problem, where=asked.where)
        for asset in assets
        if asset.context.config.own.modules and not asset.context.vocabulary.problems
        for asked in asked_of(replace(asset, asset=replace(asset.asset, suite=())))[0]
        if asked.problem
    ]
    if problems:
        raise ConfigError(problems)


def _filled(asked: Asked, parameters: Mapping[str, Any]) -> Asked:
    """Return the expectation with the values that it leaves open, so that sentences show them."""
    from mlci.data.parameters import filled
    from mlci.expectations.columns import CannotJudge

    known = {**asked.defaults, **parameters}
    if not known or asked.problem:
        return asked
    try:
        return replace(asked, kwargs=filled(asked.kwargs, known))
    except CannotJudge:
        return asked


class Tables:
    """The tables of a run by the names of their assets: each is opened when it is first asked for, and once.

    A table that another asset refers to stays open until the end; any other is closed by `release`.
    """

    def __init__(self, assets: Sequence[Asset], connect: Callable[[], Engine] = connect) -> None:
        self._connect = connect
        self._assets = {asset.name: asset for asset in assets}
        self._open: dict[str, Batch] = {}
        self._asked: dict[str, tuple[list[Asked], list[Check]]] = {}
        self._shared = frozenset(name for asset in assets for name in referred(asset.asset))

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def asked(self, name: str) -> tuple[list[Asked], list[Check]]:
        """Return what `asked_of` gives for the asset called `name`; its suites are read once."""
        if name not in self._asked:
            self._asked[name] = asked_of(self._assets[name])
        return self._asked[name]

    def batch(self, name: str, *, whole: bool = False) -> Batch:
        """Return the table of the asset called `name`, with all of its columns looked at where it is `whole`.

        Raises:
            UsageError: there is no such asset.
            MlciError: it cannot be read.
        """
        if name not in self._assets:
            advice = did_you_mean(name, self._assets) or f"The assets are {', '.join(self._assets)}."
            raise UsageError(f'there is no asset "{name}"', fix=advice)
        if name not in self._open:
            asset = self._assets[name]
            self._open[name] = open_asset(
                asset, self.asked(name)[0], whole=whole or name in self._shared, connect=self._connect
            )
        return self._open[name]

    def release(self, name: str) -> None:
        """Close the table of an asset that has been looked at, unless another asset refers to it."""
        if name not in self._shared and name in self._open:
            self._open.pop(name).close()

    def close(self) -> None:
        """Close every table."""
        for name in list(self._open):
            self._open.pop(name).close()


def open_asset(
    asset: Asset, asked: Sequence[Asked], *, whole: bool = False, connect: Callable[[], Engine] = connect
) -> Batch:
    """Return the table of the asset: of its files, of a database, of Spark or of a function of the project.

    `connect` gives the engine that files are read in.

    Raises:
        MlciError: it cannot be read.
    """
    if asset.asset.elsewhere:
        from mlci.data.sources.elsewhere import open_elsewhere

        return open_elsewhere(asset)
    from mlci.data.sources import open_data

    return open_data(reading_of(asset, asked, whole=whole), connect)


def reading_of(asset: Asset, asked: Sequence[Asked], *, whole: bool = False) -> Reading:
    """Return how to read the asset: columns whose names nothing of it holds are not looked at, unless `whole`."""
    from mlci.data.asset_checks import kinds_of
    from mlci.data.sources import reading_at

    every = whole or bool(kinds_of(asset.asset))
    return reading_at(
        asset.root,
        asset.asset.paths,
        **{key: getattr(asset.asset, key) for key in READ_WITH},
        decode=asset.asset.images is None or asset.asset.images.verify,
        wanted=(lambda _name: True) if every else named_in(asked),
    )
