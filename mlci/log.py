"""What mlci says in a log: texts that GitHub's runner must not take for its commands."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST = 10_000
_COMMAND = re.compile(r"##(?=\w*\[)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def safe(line: str) -> str:
    """Return a line, cut, without what the runner looks for anywhere in it and without control characters."""
    return _COMMAND.sub("# #", _CONTROL.sub("\ufffd", line[:_LONGEST]))


def say(text: str) -> None:
    """Write each line of `text` to the standard error, as mlci's."""
    for line in text.splitlines():
        sys.stderr.write(f"mlci: {safe(line)}\n")


@contextmanager
def commands_stopped() -> Iterator[None]:
    """Keep GitHub's log from taking texts of tests, data and models for commands, unless the step does so already."""
    stopped = os.environ.get("MLCI_COMMANDS_STOPPED") == "true"
    if stopped or os.environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    import secrets

    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)  # noqa: T201
    try:
        yield
    finally:
        print(f"::{token}::", flush=True)  # noqa: T201
