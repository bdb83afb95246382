"""The tree of processes below one that mlci started: what it uses, and how none of it is left behind.

On Linux this reads /proc, and finds processes that left the session too: they carry the mark that mlci put into
the environment. Elsewhere it knows the process group (macOS) or what the system's own command finds (Windows).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

MARK = "MLCI_RUN"
"""The environment variable that marks everything that one start of mlci's has started."""

_PROC = Path("/proc")
_LINUX = sys.platform.startswith("linux")
_GRACE_S = 1.0
_EXEC_S = 0.2
"""How long a process may take to become another program."""


@lru_cache(maxsize=1)
def guard_this_process() -> None:
    """Adopt orphans of the processes that mlci starts, and hide mlci's own environment from them (Linux)."""
    if not _LINUX:
        return
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        library = ctypes.CDLL(None)
        library.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        library.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def kill_tree(pid: int, mark: str) -> None:
    """Kill `pid`, the process group that it leads, and whatever it or its children have started."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)
        return
    began = time.monotonic()
    left, undecided = _strays(pid, mark)
    seen = left
    signal_tree(pid, signal.SIGKILL)
    while time.monotonic() < began + (_GRACE_S if left else _EXEC_S if undecided else 0):
        for process in left:
            _send(os.kill, process, signal.SIGKILL)
        _reap(seen)
        time.sleep(0.005)
        left, undecided = _strays(pid, mark)
        seen |= left
    _reap(seen)


def signal_tree(pid: int, number: int) -> None:
    """Send signal `number` to the process group led by `pid`; nothing happens where it is gone."""
    if sys.platform != "win32":
        _send(os.killpg, pid, number)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(pid, number)


def _reap(pids: Iterable[int]) -> None:
    """Take leave of adopted orphans, so that none stays a zombie."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def _strays(pid: int, mark: str) -> tuple[set[int], bool]:
    """Return the living processes below `pid`, or that carry `mark`, without `pid` itself; and whether more may show.

    An orphan that is just becoming another program has no environment for that moment, and so no mark.
    """
    if not _LINUX:
        return set(), False
    parents, own = dict(_parents()), os.getpid()
    environments = {process: _environment(process) for process in parents}
    marked = f"{MARK}={mark}".encode()
    found = {process for process in parents if marked in environments[process]} | _below({pid}, parents)
    bare = [process for process, parent in parents.items() if parent == own and environments[process] == [b""]]
    return found - {pid, own}, any(not _is_dead(process) for process in bare if process not in found)


def _is_dead(pid: int) -> bool:
    try:
        return (_PROC / str(pid) / "stat").read_text("latin-1").rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def _parents() -> Iterable[tuple[int, int]]:
    for entry in os.scandir(_PROC):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = (_PROC / entry.name / "stat").read_text("latin-1").rpartition(")")[2].split()[1]
                yield int(entry.name), int(parent)


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _below(roots: set[int], parents: dict[int, int]) -> set[int]:
    found, last = set(roots), set(roots)
    while last:
        last = {process for process, parent in parents.items() if parent in last} - found
        found |= last
    return found


def memory_of_tree(pid: int, mark: str, *, at_least: int) -> int:
    """Return the bytes of memory held by `pid` and all below it, exact only where that reaches `at_least`.

    The resident sizes are summed up first, which counts shared pages for each process; only where the sum reaches
    `at_least` are the proportional sizes read, which cost more.
    """
    if not _LINUX:
        return _memory_by_ps(pid)
    tree = _tree(pid, mark)
    resident = sum(_resident(process) for process in tree)
    return resident if resident < at_least else sum(_proportional(process) for process in tree)


def _tree(pid: int, mark: str) -> set[int]:
    adopted = {child for child in _children(os.getpid()) if f"{MARK}={mark}".encode() in _environment(child)}
    found, last = set[int](), {pid, *adopted}
    while last:
        found |= last
        last = {child for process in last for child in _children(process)} - found
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.scandir(_PROC / str(pid) / "task"):
            with contextlib.suppress(OSError):
                children += map(int, Path(task.path, "children").read_text().split())
    return children


def _resident(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(pid)
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _memory_by_ps(pid: int) -> int:
    if sys.platform == "win32":
        return 0
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines() if len(line.split()) == 3]  # noqa: PLR2004
    parents = {process: parent for process, parent, _ in rows}
    tree = _below({pid}, parents)
    return sum(kib * 1024 for process, _, kib in rows if process in tree)
