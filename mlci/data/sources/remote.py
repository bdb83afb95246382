"""Files behind a URL, by way of fsspec: object stores and web servers.

Credentials come from the environment, by the names that each store's own library knows; they are not passed to the
project's code, and nothing of them appears in a message.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlci.data.sources.engine import Engine
from mlci.data.sources.parts import Part, said_by_folders
from mlci.data.sources.reading import Reading
from mlci.data.sources.remote_failures import explained
from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.locations import is_pattern, is_web, redacted

ATTEMPTS = 2
CONNECT_S = 10
READ_S = 60
WHOLE = 32 * 1024 * 1024
"""Parquet files up to this size are fetched whole: that is faster than to ask for their parts."""
_EXTRAS: Mapping[str, str] = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "az"),
    **dict.fromkeys(("http", "https"), "http"),
}
"""The extra of mlci that brings what a scheme needs."""


def remote_parts(reading: Reading, url: str) -> Iterator[Part]:
    """Give the files that a URL stands for: itself, those that it matches, or those below it where it ends with `/`.

    Raises:
        CannotRun: there are none, or the store cannot be asked.
        UsageError: the scheme is not known.
    """
    if is_web(url) or not (is_pattern(url) or url.endswith("/")):
        _extra(url, reading)
        yield Part(location=url, name=redacted(url))
        return
    system = _system(url, reading)
    scheme = url.partition("://")[0]
    pattern = url if is_pattern(url) else f"{url}**"
    try:
        found = sorted(each for each, about in system.glob(pattern, detail=True).items() if about["type"] == "file")
    except Exception as error:
        raise explained(error, url, reading) from error
    files = [each for each in found if not each.rpartition("/")[2].startswith(("_", "."))]
    if not files:
        raise CannotRun(f"no file matches {redacted(url)}", where=reading.where(), fix="Correct the pattern.")
    base = _base(str(system._strip_protocol(pattern)))  # noqa: SLF001 - fsspec's interface for file systems
    for each in files:
        values = tuple(said_by_folders(each.removeprefix(base).lstrip("/")))
        yield Part(location=f"{scheme}://{each}", name=redacted(f"{scheme}://{each}"), values=values)


def _base(pattern: str) -> str:
    parts = pattern.split("/")
    first = next((at for at, part in enumerate(parts) if is_pattern(part)), len(parts))
    return "/".join(parts[:first])


def brought(engine: Engine, part: Part, reading: Reading, target: Path) -> Reading:
    """Return the reading of a copy at `target`; a large Parquet file is read where it is, by the parts that are asked.

    Raises:
        CannotRun: there is no such file, access is denied, or the store cannot be reached.
    """
    system = _system(part.location, reading)
    target = target.with_suffix(Path(urlsplit(part.location).path).suffix)
    try:
        if reading.format == "parquet" and not is_web(part.location) and _is_large(system, part.location):
            engine.connection.register_filesystem(system)
            return replace(reading, url=part.location)
        system.get_file(part.location, str(target))
    except Exception as error:
        raise explained(error, part.location, reading) from error
    if not target.stat().st_size:
        raise CannotRun("is empty: it has not even a header", where=reading.where())
    return replace(reading, path=target)


def _is_large(system: Any, url: str) -> bool:
    return (system.info(url).get("size") or 0) > WHOLE


def _extra(url: str, reading: Reading) -> str:
    """Return the extra that brings what the scheme of a URL needs.

    Raises:
        UsageError: the scheme is not known.
    """
    scheme = url.partition("://")[0].lower()
    if scheme not in _EXTRAS:
        known = ", ".join(f"{name}://" for name in _EXTRAS)
        raise UsageError(
            f"data behind {scheme}:// is not supported",
            where=reading.where(),
            fix=did_you_mean(scheme, _EXTRAS) or f"Known are {known}.",
        )
    return _EXTRAS[scheme]


def _system(url: str, reading: Reading) -> Any:
    """Return fsspec's file system for a URL.

    Raises:
        CannotRun: the library that it needs is not installed, or it refuses what the environment says.
    """
    extra = _extra(url, reading)
    try:
        import fsspec

        logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # it logs each attempt with its traceback
        system = fsspec.filesystem(url.partition("://")[0].lower(), **_settings(extra))
    except ImportError as error:
        raise CannotRun(
            f"is behind {url.partition('://')[0]}://, which needs a library that is not installed",
            where=reading.where(),
            fix=f"Install it: pip install 'mlci[{extra}]'",
        ) from error
    except Exception as error:
        raise explained(error, url, reading) from error
    system.retries = ATTEMPTS
    return system


def _settings(extra: str) -> dict[str, Any]:
    """Return what a file system is given: time limits, and to send files as they are."""
    if extra == "s3":
        retries = {"max_attempts": ATTEMPTS, "mode": "standard"}
        return {"config_kwargs": {"connect_timeout": CONNECT_S, "read_timeout": READ_S, "retries": retries}}
    if extra == "http":
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
        return {"client_kwargs": {"timeout": timeout, "headers": {"Accept-Encoding": "identity"}, "trust_env": True}}
    return {"timeout": READ_S} if extra == "gs" else {"connection_timeout": CONNECT_S, "read_timeout": READ_S}
