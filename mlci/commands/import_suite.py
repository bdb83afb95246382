"""`mlci import`: take over suites that were written for other tools."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.errors import PASSED, CannotRun, UsageError, Where
from mlci.numbers import count
from mlci.reports.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlci.model.checklist.suite import Converted

_LINES_FROM = 2_000
"""From so many cases on a suite is written as JSON lines when no file is named: they are read much faster."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be imported."""
    kinds = parser.add_subparsers(dest="kind", metavar="WHAT", required=True)
    says = "convert the pickle of a CheckList suite; nothing in it is run"
    checklist = kinds.add_parser("checklist", help=says, description=f"{says[0].upper()}{says[1:]}.")
    checklist.add_argument("suite", type=Path, metavar="SUITE", help="the pickle, or a .tar.gz that holds it")
    checklist.add_argument("-o", "--output", type=Path, metavar="FILE", help="the suite to write, .yaml or .jsonl")
    checklist.add_argument("--only-run", action="store_true", help="take only the cases that were run last")
    checklist.add_argument(
        "--max-failure-rate", type=float, default=0.0, metavar="RATE", help="the limit of every test (default: 0)"
    )
    checklist.add_argument("--force", action="store_true", help="write over files that are there")
    checklist.set_defaults(run=run_checklist)


def run_checklist(arguments: argparse.Namespace) -> int:
    """Write the suite, and beside it what has to be finished by hand; print what became of every test."""
    from mlci.model.checklist.archive import pickle_in
    from mlci.model.checklist.machine import read
    from mlci.model.checklist.suite import converted
    from mlci.model.checklist.values import RefusedError

    if not 0 <= arguments.max_failure_rate <= 1:
        raise UsageError(f"--max-failure-rate is a share from 0 to 1, not {arguments.max_failure_rate:g}")
    shown = str(arguments.suite)
    try:
        content = read(pickle_in(arguments.suite, shown=shown))
        suite = converted(content, only_run=arguments.only_run, limit=arguments.max_failure_rate)
    except RefusedError as error:
        raise CannotRun(f"refused: {plain(error.what)}; nothing of it was run", where=Where(path=shown)) from None
    target = arguments.output or Path(_name(arguments.suite, suite))
    rest = target.with_name(f"{target.name}.by-hand")
    if suite.tests:
        _check(suite)
        _write(target, suite.tests, force=arguments.force)
    if suite.by_hand:
        _write(rest, suite.by_hand, force=arguments.force, lines=target.suffix == ".jsonl")
    sys.stdout.write("".join(f"{plain(line)}\n" for line in _account(shown, suite, target, rest)))
    return PASSED


def _check(suite: Converted) -> None:
    """See that what is written will be read."""
    from mlci.model.behaviour.parse import read_suite

    read_suite({"tests": list(suite.tests)}, root=Path())


def _name(path: Path, suite: Converted) -> str:
    cases = sum(len(test.get("examples", ())) for test in suite.tests)
    return f"{path.name.partition('.')[0]}{'.jsonl' if cases >= _LINES_FROM else '.yaml'}"


def _write(path: Path, tests: Sequence[Mapping[str, Any]], *, force: bool, lines: bool = False) -> None:
    if path.exists() and not force:
        raise UsageError(
            "there is such a file already", where=Where(path=str(path)), fix="Give --force, or another -o."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="replace") as file:
            if lines or path.suffix == ".jsonl":
                file.writelines(f"{json.dumps(test, ensure_ascii=False)}\n" for test in tests)
            else:
                file.write(_yaml(tests))
    except OSError as error:
        raise CannotRun(f"cannot be written: {error.strerror}", where=Where(path=str(path))) from None


def _yaml(tests: Sequence[Mapping[str, Any]]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(
        yaml.dump({"tests": [*map(dict, tests)]}, Dumper=dumper, sort_keys=False, allow_unicode=True, width=10**6)
    )


def _account(shown: str, suite: Converted, target: Path, rest: Path) -> list[str]:
    ready = f"{len(suite.tests)} converted" + (f" to {target}" if suite.tests else "")
    lines = [f"{shown}: {count(suite.found, 'test')}, {ready}, {len(suite.by_hand)} to be finished by hand"]
    lines += [f"- note: {note}" for note in suite.notes]
    if suite.by_hand:
        lines.append(f"write these by hand; their cases are in {rest}:")
        lines += [f"- {test['name']}: {test['by-hand']}" for test in suite.by_hand]
    return lines
