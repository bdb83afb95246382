"""`mlci profile`: suggest a suite from a data file, and try it on another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.errors import FAILED, PASSED, CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.data.profile.suggest import Group
    from mlci.data.sources import Reading
    from mlci.results.model import Check

_CONFIGURATIONS = ("mlci.yaml", "mlci.yml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the data and what becomes of the suite."""
    parser.add_argument("data", metavar="DATA", help="the data file to suggest a suite from")
    parser.add_argument("--output", "-o", type=Path, metavar="FILE", help="write the suite here; printed when left out")
    parser.add_argument("--name", metavar="NAME", help="write an asset of this name for mlci.yaml, not a suite")
    parser.add_argument("--check", metavar="OTHER", help="say how the suite does on this file; exit code 1 if it fails")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument("--delimiter", metavar="SIGN", help="what separates the fields of a CSV file")
    parser.add_argument("--encoding", default="utf-8", help="the encoding of a CSV file (default: utf-8)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the suite, and print how it does on another file."""
    _refuse_overwriting(arguments)
    groups = _groups(arguments)
    text = _text(arguments, groups)
    if arguments.output:
        _write(arguments.output, text)
        amount = sum(len(group.suggestions) for group in groups)
        sys.stdout.write(f"{arguments.output}: {amount} expectations. Read them before you keep them.\n")
    elif not arguments.check:
        sys.stdout.write(text)
    return _checked(arguments, groups) if arguments.check else PASSED


def _refuse_overwriting(arguments: argparse.Namespace) -> None:
    if arguments.output and arguments.output.exists() and not arguments.force:
        raise UsageError(f"{arguments.output} is there already", fix="Name another file, or use --force.")


def _groups(arguments: argparse.Namespace) -> list[Group]:
    from mlci.data.profile.facts import look
    from mlci.data.profile.suggest import suggest
    from mlci.data.sources import open_data

    batch = open_data(_reading(arguments, arguments.data))
    try:
        rows, columns = look(batch)
    finally:
        batch.close()
    if not rows:
        raise CannotRun(f"{arguments.data} has no rows, so nothing can be suggested")
    return suggest(rows, columns)


def _reading(arguments: argparse.Namespace, data: str) -> Reading:

    from mlci.data.sources import reading_at

    return reading_at(Path(), data, delimiter=arguments.delimiter, encoding=arguments.encoding)


def _text(arguments: argparse.Namespace, groups: Sequence[Group]) -> str:
    from mlci.data.profile.write import configuration, suite

    is_configuration = arguments.output is not None and arguments.output.name in _CONFIGURATIONS
    if not (arguments.name or is_configuration):
        return suite(groups, source=arguments.data)
    name = arguments.name or Path(arguments.data).name.partition(".")[0] or "data"
    return configuration(groups, source=arguments.data, name=name, path=_relative(arguments))


def _relative(arguments: argparse.Namespace) -> str:
    """Return the path of the data as a configuration beside it names it."""
    from mlci.locations import is_pattern, is_url

    if is_url(arguments.data) or is_pattern(arguments.data):
        return str(arguments.data)
    folder = (arguments.output.parent if arguments.output else Path.cwd()).absolute()
    try:
        return Path(arguments.data).absolute().relative_to(folder).as_posix()
    except ValueError:
        return str(arguments.data)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def _checked(arguments: argparse.Namespace, groups: Sequence[Group]) -> int:
    checks = _checks(arguments, groups)
    bad = [check for check in checks if check.status != "passed"]
    from mlci.reports.terminal import plain

    width = max((len(check.status) for check in checks), default=0)
    for check in (*bad, *(check for check in checks if check.status == "passed")):
        sys.stdout.write(f"{check.status:<{width}}  {plain(check.summary, 300)}\n")
    sys.stdout.write(f"\n{arguments.check}: {len(checks) - len(bad)} of {len(checks)} expectations hold.\n")
    return FAILED if bad else PASSED


def _checks(arguments: argparse.Namespace, groups: Sequence[Group]) -> list[Check]:
    from mlci.data.checks import check_of, ids
    from mlci.data.sources import open_data
    from mlci.data.suites import parse_entry
    from mlci.data.validation import validate_batch

    asked = [parse_entry({each.name: dict(each.kwargs)}, None) for group in groups for each in group.suggestions]
    batch = open_data(_reading(arguments, arguments.check))
    try:
        results = validate_batch(batch, asked, parameters={}).results
        named = ids("profile", asked)
        return [check_of(*each) for each in zip(named, asked, results, strict=True)]
    finally:
        batch.close()
