"""The bucket store: a bundle for each commit in S3, or wherever fsspec can write.

Each commit has an object of its own, so that writers never meet.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mlci.baselines.archive import MOST_BYTES
from mlci.baselines.stores import Setup, Tried
from mlci.baselines.stores.shelf import SUFFIX, WITHOUT_LEG, commits_in, folder_of, look, oldest
from mlci.config.baselines import Bucket
from mlci.errors import CannotRun

T = TypeVar("T")
_S3 = ("s3", "s3a")
_WITHOUT_FOLDERS = (*_S3, "gs", "gcs", "az", "abfs", "abfss", "oss")
_LONGEST = 200


def opened(setup: Setup) -> BucketStore:
    """Return the store at the URL that `bucket` names."""
    named = setup.settings.bucket or ""
    bucket = Bucket(url=named) if isinstance(named, str) else named
    system = _guarded(f"{bucket.url} cannot be opened", lambda: _filesystem(bucket))
    return BucketStore(
        setup=setup,
        name=f"bucket {_shown(bucket.url)}",
        system=system,
        top=system._strip_protocol(bucket.url).rstrip("/"),  # noqa: SLF001 - fsspec has no other way to do it
        has_folders=urlsplit(bucket.url).scheme not in _WITHOUT_FOLDERS,
    )


def _filesystem(bucket: Bucket) -> Any:
    try:
        import fsspec

        scheme = urlsplit(bucket.url).scheme
        options = {**({"config_kwargs": _TIMEOUTS} if scheme in _S3 else {}), **bucket.options}
        return fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True, **options)
    except ImportError as error:
        raise CannotRun(
            f"{bucket.url} needs a library that is not installed: {error.name or error}",
            fix='Install it: pip install "mlci[s3]", or the library of another kind of bucket beside it.',
        ) from error


_TIMEOUTS = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 3}}


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketStore:
    """A prefix of a bucket with an object for each commit of each project."""

    setup: Setup
    name: str
    system: Any
    top: str
    has_folders: bool
    """Whether a folder must be made before there can be a file in it; where it need not, that would make a bucket."""
    local: bool = False

    @property
    def folder(self) -> str:
        """The project's own prefix."""
        return f"{self.top}/{folder_of(self.setup)}"

    def look(self) -> Iterator[Tried]:
        """Try the nearest commit; for a leg of a matrix its own, and then what was saved without a leg."""
        yield from look(self, self.setup, self.name)
        if self.setup.leg is not None:
            yield from replace(self, setup=replace(self.setup, leg=None), name=f"{self.name}{WITHOUT_LEG}").look()

    def commits(self) -> Collection[str]:
        """Return the commits that have an object."""
        return commits_in([entry["name"] for entry in self._listed()])

    def read(self, commit: str) -> bytes:
        """Return the object of a commit, of which no more is read than a bundle may have."""

        def get() -> bytes:
            with self.system.open(self._path(commit), "rb") as file:
                return bytes(file.read(MOST_BYTES + 1))

        return _guarded("cannot be read", get)

    def save(self, data: bytes, commit: str) -> str:
        """Write the object, which appears whole or not at all, and remove the oldest."""
        path = self._path(commit)
        _guarded("the baseline cannot be written", lambda: self._put(path, data))
        written = {found: _when(entry) for entry in self._listed() for found in commits_in([entry["name"]])}
        for old in oldest(written, keep=self.setup.settings.keep, just=commit, pinned=self.setup.pinned):
            _guarded("an old baseline cannot be removed", partial(self._remove, old))
        return self.system.unstrip_protocol(path)  # type: ignore[no-any-return]

    def _put(self, path: str, data: bytes) -> None:
        if self.has_folders:
            self.system.makedirs(self.folder, exist_ok=True)
        self.system.pipe_file(path, data)

    def _remove(self, commit: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # another writer was faster
            self.system.rm_file(self._path(commit))

    def _listed(self) -> list[dict[str, Any]]:
        def listing() -> list[dict[str, Any]]:
            try:
                return list(self.system.ls(self.folder, detail=True, refresh=True))
            except FileNotFoundError:
                return []

        return _guarded("cannot be listed", listing)

    def _path(self, commit: str) -> str:
        return f"{self.folder}/{commit}{SUFFIX}"


def _guarded(what: str, do: Callable[[], T]) -> T:
    """Do what talks to the bucket; its errors are of many libraries, and none may end a run with a traceback."""
    try:
        return do()
    except CannotRun:
        raise
    except Exception as error:
        said = (str(error).splitlines() or [""])[0][:_LONGEST]
        raise CannotRun(f"{what}: {type(error).__name__}{f': {said}' if said else ''}") from error


def _when(entry: dict[str, Any]) -> float:
    """Return when an object was written, in seconds since 1970; names of the field differ between systems."""
    found = next(
        (entry[key] for key in ("LastModified", "mtime", "updated", "last_modified", "created") if key in entry), 0
    )
    return (
        found.timestamp() if isinstance(found, dt.datetime) else float(found) if isinstance(found, int | float) else 0.0
    )


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
