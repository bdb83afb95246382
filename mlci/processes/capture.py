"""What a process prints, kept as its head and its tail however much it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import IO

KEPT = 64 * 1024
"""Bytes kept of the head, and again of the tail."""


class Capture:
    """The head and the tail of a stream of bytes."""

    def __init__(self) -> None:
        self.total = 0
        self._head = bytearray()
        self._tail = bytearray()
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        with self._lock:
            self.total += len(data)
            room = KEPT - len(self._head)
            self._head += data[:room]
            self._tail += data[room:]
            if len(self._tail) > 2 * KEPT:
                del self._tail[:-KEPT]

    def text(self) -> str:
        """Return what was kept, as text, with a line that says how much was left out in between."""
        with self._lock:
            tail = bytes(self._tail[-KEPT:])
            left_out = self.total - len(self._head) - len(tail)
            head = bytes(self._head)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out else b""
        return (head + gap + tail).decode("utf-8", "replace")


def drain(pipe: IO[bytes], take: Callable[[bytes], None]) -> threading.Thread:
    """Start a thread that gives all that comes out of `pipe` to `take`, and return it."""
    thread = threading.Thread(target=_drain, args=(pipe, take), name="mlci-drain", daemon=True)
    thread.start()
    return thread


def _drain(pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
    read = getattr(pipe, "read1", pipe.read)
    try:
        while data := read(KEPT):
            take(data)
        pipe.close()
    except (OSError, ValueError):  # closed at the other end, or by the parent
        return
