"""The command line: one parser a subcommand, and only the one that is asked for is imported."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mlci import __version__, idle

if TYPE_CHECKING:
    import argparse

# name: what `mlci --help` says of it; the module is `mlci.commands.<name>`, or the second entry
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("write a workflow for this repository", "init"),
    "run": ("run all gates, or those named", "run"),
    "code": ("run the tests and judge their coverage", "gate"),
    "data": ("check data files against what is expected of them", "gate"),
    "model": ("check metrics and behaviour of models", "gate"),
    "metrics": ("check numbers that other programs wrote", "gate"),
    "report": ("merge and render results", "report"),
    "publish": ("post results: comment, step summary, annotations, outputs", "publish"),
    "behaviour": ("write out the inputs of behaviour suites, judge predictions, replay an example", "behaviour"),
    "baseline": ("save or show the numbers that a run is compared with", "baseline"),
    "calibrate": ("measure how much numbers move without a reason, and suggest limits", "calibrate"),
    "profile": ("suggest what to expect of a data file, and try it on another", "profile"),
    "config": ("check mlci.yaml, or print its JSON Schema", "config"),
    "hook": ("look at notebooks, pickles, large files, DVC's files and sealed numbers", "hook"),
    "seal": ("note the numbers that a run wrote, so that a later edit of them can be told", "seal"),
    "import": ("take over suites written for CheckList", "import_suite"),
    "doctor": ("say which interpreter runs the project's code, and what is missing", "doctor"),
    "catalogue": ("list expectations, perturbations, metrics, adapters and training checks", "catalogue"),
}

_HOOKS = ("data", "metrics")
"""The commands that hooks call with the files of every commit."""

_EXIT_CODES = """exit codes:
  0    passed (warnings and inconclusive comparisons too)
  1    a check failed
  2    usage or configuration
  3    a check could not run: crash, time-out, missing file
  130  interrupted
"""


_YOUNGEST = 100_000
"""Objects made before the garbage collector looks: most of a short run's are modules, which stay."""


def program() -> NoReturn:
    """Be the process called `mlci`, which ends as soon as all that was asked for is done and written.

    Taking modules and engines down one after the other takes longer than checking a small file.
    """
    gc.set_threshold(_YOUNGEST, 50, 100)
    codes: list[int] = []
    atexit.register(_end, codes)  # registered first, so called when everything else has cleared up
    codes.append(main())
    sys.exit(codes[0])


def _end(codes: Sequence[int]) -> None:
    """Leave with the exit code, unless there is none yet or it cannot be heard."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(codes[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if _is_idle(words):
        sys.stdout.write(idle.says(words[0]))
        return 0
    return _run(words)  # what an idle hook does not need is imported below


def _is_idle(words: Sequence[str]) -> bool:
    with contextlib.suppress(OSError):
        return bool(words) and words[0] in _HOOKS and idle.is_idle(words, Path.cwd())
    return False


def _run(words: Sequence[str]) -> int:
    import signal

    from mlci.errors import ERRORED, INTERRUPTED, MlciError
    from mlci.log import say

    arguments = _parser(words).parse_args(words)
    signal.signal(signal.SIGTERM, _interrupt)  # a cancelled job ends what it started, as Ctrl-C does
    try:
        return int(arguments.run(arguments))
    except MlciError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERRORED
    except Exception as error:  # noqa: BLE001 - a defect must not end with the exit code of a failed check
        import traceback

        frame = traceback.extract_tb(error.__traceback__)[-1]
        say(f"a defect of mlci, please report it: {type(error).__name__}: {error} ({frame.name}:{frame.lineno})")
        return ERRORED


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="mlci",
        description="Block the merge of a machine-learning change that makes things worse, and say why.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mlci {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in words if not word.startswith("-")), "")
    for name in [wanted] if words and words[0] == wanted in COMMANDS else COMMANDS:
        says, module = COMMANDS[name]
        command = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
        if name == wanted:
            importlib.import_module(f"mlci.commands.{module}").add_arguments(command)
    return parser


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    program()
