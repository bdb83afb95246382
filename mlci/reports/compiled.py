"""Compiled templates in the user's cache folder: compiling them anew takes longer than a small run.

Jinja's own cache of this kind unpickles what it finds; this one is `marshal` data, as Python's compiled modules are.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from mlci import __version__, caching

KIND = "templates"


def cache() -> Compiled | None:
    """Return the cache, or None in CI: code of a change ran as the same user there, and entries are code that runs."""
    return None if os.environ.get("CI") else Compiled()


class Compiled(BytecodeCache):
    """Templates by their name and source, for one version of Python, of Jinja and of mlci."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, where that is known."""
        content = caching.read(KIND, bucket.key)
        with contextlib.suppress(ValueError, EOFError, TypeError):
            key, code = marshal.loads(content or b"")  # noqa: S302 - our own, see `caching.folder`
            if key == _key(bucket):
                bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the code of a template."""
        caching.write(KIND, bucket.key, marshal.dumps((_key(bucket), bucket.code)))


def _key(bucket: Bucket) -> tuple[Any, ...]:
    options = Path(__file__).with_name("html.py").stat().st_mtime_ns  # how templates are compiled is said there
    return bucket.checksum, sys.version, jinja2.__version__, __version__, options
