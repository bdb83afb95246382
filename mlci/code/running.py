"""Running pytest in the project's environment, so that it leaves its reports here and nothing in the project."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlci.code.options import added_options, measures_coverage
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.interpreter import Interpreter
from mlci.processes import Ended, Limits, run_command
from mlci.processes.failures import shown

OLDEST_COV = (4, 1)
_LOOK_S = 60.0
_LOOK = """
import importlib.metadata, importlib.util, json
found = {}
for module, name in (
    ("pytest", "pytest"), ("pytest_cov", "pytest-cov"), ("nbmake", "nbmake"), ("pytest_randomly", "pytest-randomly"),
    ("pip", "pip"),
):
    if importlib.util.find_spec(module):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
print(json.dumps(found))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """Where pytest is to leave what it has to tell."""

    folder: Path
    html: Path | None = None
    """The folder for coverage's own pages, where they are wanted."""
    of: Reports | None = None
    """Those of the call whose failures run again."""

    @property
    def cache(self) -> Path:
        """Where pytest remembers what failed."""
        return self.of.cache if self.of else self.folder / "cache"

    @property
    def junit(self) -> Path:
        """The JUnit XML."""
        return self.folder / "junit.xml"

    @property
    def coverage(self) -> Path:
        """Coverage's JSON."""
        return self.folder / "coverage.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where tests run: the project's root, its interpreter, and the environment that they are given."""

    root: Path
    python: Interpreter
    env: Mapping[str, str]


def require_pytest(place: Place, *, coverage: bool, notebooks: bool = False) -> Mapping[str, str]:
    """Return what is installed of pytest and its plugins, by version.

    Raises:
        CannotRun: pytest is missing, or a plugin that `coverage` or `notebooks` need; it names the command to install.
    """
    found = _installed(place)
    needed = ["pytest", *(["pytest-cov"] if coverage else []), *(["nbmake"] if notebooks else [])]
    missing = [name for name in needed if name not in found]
    if not missing and coverage and _too_old(found["pytest-cov"]):
        missing = ["pytest-cov>=4.1"]
    if missing:
        raise CannotRun(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing in "
            f"{shown(place.python.path, place.root)}.",
            fix=f"Install with: {_install(missing, place, pip='pip' in found)}",
        )
    return found


def _installed(place: Place) -> Mapping[str, str]:
    limits = Limits(timeout_s=_LOOK_S)
    argv = [str(place.python.path), "-c", _LOOK]
    ended = run_command(argv, python=place.python, cwd=place.root, limits=limits, env=place.env)
    try:
        found: Mapping[str, str] = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (ended.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        name = shown(place.python.path, place.root)
        raise CannotRun(f"cannot look for pytest in {name}: it {ended.reason} ({last})") from None
    return found


def _too_old(version: str) -> bool:
    parts = version.split(".")[:2]
    return all(part.isdecimal() for part in parts) and tuple(map(int, parts)) < OLDEST_COV


def _install(names: Sequence[str], place: Place, *, pip: bool) -> str:
    python = shown(place.python.path, place.root)
    start = [python, "-m", "pip", "install"] if pip else ["uv", "pip", "install", "--python", python]
    return shlex.join([*start, *names])


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of pytest."""

    arguments: Sequence[str]
    """What it is told by the configuration."""
    reports: Reports
    coverage: Sequence[str] = ()
    """The options that ask for coverage."""
    timeout_s: float


def run_pytest(call: Call, place: Place, *, progress: Callable[[str], None]) -> Ended:
    """Run pytest and return how it ended; its reports are then where `call` says."""
    return run_command(
        pytest_command(call, place),
        python=place.python,
        cwd=place.root,
        limits=Limits(timeout_s=call.timeout_s),
        env={**place.env, "COVERAGE_FILE": str(call.reports.folder / "coverage.data")},
        progress=lambda line: progress(f"pytest: {line}"),
        on_timeout=getattr(signal, "SIGABRT", signal.SIGTERM),
    )


def pytest_command(call: Call, place: Place) -> list[str]:
    """Return the command that runs the tests: the project's own options, then ours, which win where both speak."""
    ours = [
        f"--junitxml={call.reports.junit}",
        *("-o", "junit_family=xunit1"),  # the family that has files and lines
        *("-o", "junit_logging=no"),
        *("-o", f"cache_dir={call.reports.cache}"),
        "--show-capture=no",
        "--color=no",
        *call.coverage,
    ]
    before, after = _split(call.arguments)
    return [str(place.python.path), "-m", "pytest", *before, *ours, *after]


def coverage_options(code: CodeGate, root: Path, reports: Reports) -> list[str]:
    """Return what asks for coverage: of `source`, else of what the project's own options or configuration name."""
    if code.source:
        wanted = ["--cov-reset", *(f"--cov={source}" for source in code.source)]
    else:
        asked = measures_coverage((*added_options(root), *code.pytest))
        wanted = [] if asked else ["--cov"]
    branch = ["--cov-branch"] if code.coverage and code.coverage.branch else []
    pages = [f"--cov-report=html:{reports.html}"] if reports.html else []
    return [*wanted, *branch, f"--cov-report=json:{reports.coverage}", *pages]


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at:]
