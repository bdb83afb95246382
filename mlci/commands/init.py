"""`mlci init`: write what a repository needs to be gated; for now the workflow of its CI."""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci import git
from mlci.errors import PASSED, CannotRun, UsageError
from mlci.workflows.kinds import KINDS, Kind, kind_of

if TYPE_CHECKING:
    from mlci.git import Repository
    from mlci.workflows.template import Facts

_ACTION = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+@[A-Za-z0-9_./-]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci init`."""
    width = max(len(name) for name in KINDS)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    kinds = "\n".join(f"  {kind.name:{width}}  {kind.says}" for kind in KINDS.values())
    parser.epilog = f"kinds of workflows:\n{kinds}\n"
    parser.add_argument("--workflow", metavar="KIND", required=True, help="the workflow to write, one of those below")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument(
        "--action",
        metavar="OWNER/NAME@REF",
        help="the action, where it is a copy of your own (default: mlci's release)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the files of one kind, and say where they are and what is left to do."""
    from mlci.workflows.template import filled

    kind = kind_of(arguments.workflow)
    repository = git.find(Path.cwd(), os.environ)
    if repository is None:
        raise UsageError("a workflow belongs to a git repository, and this is none", fix="Run `git init` first.")
    facts, notes = _facts(repository, kind, _action(arguments.action))
    texts = {repository.top / path: filled(template, facts) for template, path in kind.files.items()}
    _refuse_overwriting(texts, repository.top, force=arguments.force)
    for path, text in texts.items():
        _write(path, text)
        sys.stdout.write(f"{path.relative_to(repository.top).as_posix()} written.\n")
    for line in (*kind.then, *notes):
        sys.stdout.write(f"- {line.replace('<<branch>>', facts.branch)}\n")
    return PASSED


def _action(given: str | None) -> str | None:
    if given is not None and not _ACTION.fullmatch(given):
        raise UsageError(f'"{given}" is not OWNER/NAME@REF', key="--action", fix="As `my-org/mlci@v0.1.0`.")
    return given


def _facts(repository: Repository, kind: Kind, action: str | None) -> tuple[Facts, list[str]]:
    """Return what the repository says, and what to tell of it."""
    from mlci.workflows import project
    from mlci.workflows.template import Facts

    found = project.projects(repository)
    if kind.name == "monorepo" and len(found) < 2:  # noqa: PLR2004 - one project is no monorepo
        told = f"only {found[0]}" if found else "none"
        raise UsageError(
            f"a monorepo has several folders with an mlci.yaml, and this repository has {told}",
            fix="Write them first, or choose another kind.",
        )
    first = "." if "." in found or not found else found[0]
    folder = "" if first == "." else first
    facts = Facts(
        branch=project.default_branch(repository),
        folder="" if kind.name == "monorepo" else folder,
        projects=found,
        install=project.install_of(repository.top / first),
        python=project.python_of(repository.top / first, inside=folder),
    )
    own = facts if action is None else replace(facts, action=action, tag="")
    return own, _notes(kind, found, first)


def _notes(kind: Kind, found: tuple[str, ...], first: str) -> list[str]:
    notes = ["Look at the line that installs the project's packages."] if kind.name != "gitlab" else []
    if not found:
        notes.append("Write mlci.yaml: there is none yet, and without one every run fails.")
    if len(found) > 1 and kind.name != "monorepo":
        notes.append(f"This is for {first} alone; `--workflow monorepo` gates all {len(found)} folders with mlci.yaml.")
    return notes


def _refuse_overwriting(texts: dict[Path, str], top: Path, *, force: bool) -> None:
    there = [path.relative_to(top).as_posix() for path in texts if path.exists() or path.is_symlink()]
    if there and not force:
        raise UsageError(f"{', '.join(there)}: there already", fix="`--force` writes over it.")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotRun(f"cannot be written: {path}: {error.strerror}") from error
