"""`mlci catalogue`: list everything that a configuration can name."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from mlci.config.load import Loaded, load
from mlci.errors import ERRORED, PASSED, MlciError, UsageError
from mlci.reports.catalogue import KINDS, render, render_own


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci catalogue`."""
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"one or more of {', '.join(KINDS)}; all when left out"
    )
    parser.add_argument("--markdown", action="store_true", help="as tables, for the documentation")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration whose plugins are listed too")
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter; found when left out")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the names of each kind with the first line of what they do, the project's own plugins included."""
    sys.stdout.write(render(tuple(arguments.kinds) or KINDS, markdown=arguments.markdown))
    loaded = _loaded(arguments)
    if loaded is None or not loaded.config.own.modules:
        return PASSED
    return _plugins(arguments, loaded)


def _loaded(arguments: argparse.Namespace) -> Loaded | None:
    """Return the configuration, where there is one; a mistake in one that was not named is only said."""
    try:
        return load(arguments.config, start=Path.cwd())
    except UsageError as error:
        if arguments.config is not None:
            raise
        if error.where is not None or type(error) is not UsageError:
            sys.stderr.write(f"mlci: plugins are not listed: {str(error).splitlines()[0]}\n")
        return None


def _plugins(arguments: argparse.Namespace, loaded: Loaded) -> int:
    from mlci.interpreter import find
    from mlci.vocabulary.opening import opened

    configured = arguments.python or loaded.config.python
    vocabulary = opened(
        loaded.config,
        root=loaded.root,
        find_python=lambda: find(loaded.root, configured=configured, environ=os.environ),
    )
    try:
        sys.stdout.write(render_own(vocabulary, tuple(arguments.kinds) or KINDS, markdown=arguments.markdown))
        problems = vocabulary.problems
    except MlciError as error:
        sys.stderr.write(f"mlci: plugins are not listed: {error}\n")
        return ERRORED
    finally:
        vocabulary.close()
    sys.stderr.write("".join(f"mlci: {problem.reason}\n" for problem in problems))
    return ERRORED if problems else PASSED
