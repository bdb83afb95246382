"""The one error a user meets: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PASSED = 0
FAILED = 1
USAGE = 2
ERRORED = 3
INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """A place in a file of the project: a path relative to its root and a line counted from 1."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class MlciError(Exception):
    """Ends the command with `exit_code`; its text is what, where and what to do, and no traceback follows."""

    exit_code = ERRORED

    def __init__(self, what: str, *, where: Where | None = None, key: str = "", fix: str = "") -> None:
        self.what = what.rstrip(" .:,") if fix else what
        self.where = where
        self.key = key
        self.fix = fix
        super().__init__(str(self))

    def __str__(self) -> str:
        place = " ".join(part for part in (str(self.where or ""), self.key) if part)
        return f"{place}: {self.says}" if place else self.says

    @property
    def says(self) -> str:
        """What is wrong and what to do about it, without the place."""
        if not self.fix:
            return self.what
        return f"{self.what}, {self.fix}" if self.fix[0].islower() else f"{self.what}. {self.fix}"


class UsageError(MlciError):
    """The command line or the configuration is wrong: exit code 2."""

    exit_code = USAGE


class ConfigError(UsageError):
    """One or several mistakes in `mlci.yaml`, each with its own place."""

    def __init__(self, problems: Iterable[UsageError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CannotRun(MlciError):  # noqa: N818 - what it says is not an error of the program
    """A check could not run: a crash, a time-out, a missing file, an unreachable source. Exit code 3."""

    exit_code = ERRORED


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean "x"?` for the known name nearest to `name`, or an empty string when none is near."""
    import difflib

    near = difflib.get_close_matches(name, tuple(known), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""
